"""A stand-in for Pulumi's Python language host, for machines that have the Pulumi CLI without it.

It runs programs and plugins written in Python and installs what they require. What it does not do it refuses by name.
"""
