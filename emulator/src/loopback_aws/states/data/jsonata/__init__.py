"""JSONata: expressions, where they stand, and what they may see and call."""
