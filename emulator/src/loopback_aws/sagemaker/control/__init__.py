"""The requests of the control plane: models, endpoint configs, endpoints and their tags."""
