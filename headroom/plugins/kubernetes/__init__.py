"""Stand-in for Pulumi's Kubernetes provider plugin: server-side mode, the kinds this project uses, the sandbox only.

Used where the official plugin cannot be had. It shows a program what the official one (4.34.2) would show and refuses by
name what it does not cover.
"""
