"""Shapes that several kinds share."""
