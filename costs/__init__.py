"""What a design uses, counted on a stage, and the design that ours is compared with."""
