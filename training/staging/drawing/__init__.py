"""A generator of small pictures of vehicles: a vehicle, its scene, and the camera that took it."""
