"""What the bench of hostile inputs damages, and who is to read it."""
