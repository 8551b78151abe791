"""The security baseline: checks that are asked for, because a recipe can be wired correctly and not hold it."""
