"""What is changed inside the services of ministack."""
