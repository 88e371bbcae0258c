"""What is changed inside moto's interpreter of state machines."""
