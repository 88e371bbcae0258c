"""What passes between the parts, in the standard library only: the model artifact, the names of a stage's resources."""
