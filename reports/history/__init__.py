"""What ran: executions, the images that they were about, and the labels that people gave."""
