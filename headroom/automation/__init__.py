"""Drives Pulumi over stacks: preview, up, drift, destroy, and heals what an interrupted run left."""
