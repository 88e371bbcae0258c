"""A load of labelled images on a deployed stage, and what became of it."""
