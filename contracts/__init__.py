"""What passes between the parts, in the standard library only."""
