"""A mirror of the platform's charts: a directory with every pinned chart, fetched, checked and with its definitions by themselves."""

from headroom.charts.mirror import CannotReach, Mirror, WrongChart

__all__ = ["CannotReach", "Mirror", "WrongChart"]
