"""Golden pictures of the deployed model, and whether a stage answers them as that model does."""
