"""What the model does, from captured data and executions: numbers, and a page that shows them."""
