"""What measurements of the model server are made of: a model, pictures, load, and inference without it."""
