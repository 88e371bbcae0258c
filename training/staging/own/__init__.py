"""A person's own pictures: where they lie, which they are, and how they become a data set."""
