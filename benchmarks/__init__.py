"""What the program and the loop cost: `make bench`. Measured, never asserted."""
