"""What is installed into the checkout, set by set. Needs nothing but the standard library."""
