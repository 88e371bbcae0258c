"""From capture files to inferences; what cannot be read is counted by its kind."""
