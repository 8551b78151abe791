"""The agent that plays the kubelet for the sandbox's fake nodes: their pods run as real processes.

`honoured.py` is the written list of what a pod may ask for here, `images.py` how an image runs without a container runtime.
"""
