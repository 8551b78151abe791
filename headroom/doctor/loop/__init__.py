"""The chain from an engine's metric to a replica count, measured on a live cluster: the first broken link is named.

`watched` takes from a stack what is asked for, `measure` asks the API server, and nothing else, what there is of it.
"""

from headroom.doctor.loop.links import Link, Loop, Verdict
from headroom.doctor.loop.measure import measure
from headroom.doctor.loop.watched import Watched, watched

__all__ = ["Link", "Loop", "Verdict", "Watched", "measure", "watched"]
