"""New objects of the inbox: each one's execution, or all that have come in a while in one run."""
