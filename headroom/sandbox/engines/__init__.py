"""Engine simulators: an engine's protocol, arguments and metrics by their exact names, with nothing behind them but a clock.

They use the standard library only and import nothing of the rest: each runs as a program of its own in a pod.
"""
