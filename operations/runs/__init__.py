"""Runs over many images: followed, summed up, read row by row, replayed and merged."""
