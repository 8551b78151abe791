"""Clusters that the program makes, as their clouds are asked for them."""
