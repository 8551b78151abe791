"""Drives Pulumi for a stack: preview, up, refresh, destroy, and heals what an interrupted run left."""
