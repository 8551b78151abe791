"""Bounded load on a server of the sandbox: real requests to the addresses of its ready pods, and nowhere else."""
