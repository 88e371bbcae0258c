"""A generator of pictures of drivers: who drives in which cabin, what they do, and the camera."""
