"""Who may use the local AWS."""
