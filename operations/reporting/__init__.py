"""The report on the model: its labels, its two sources, the page and what the terminal shows."""
