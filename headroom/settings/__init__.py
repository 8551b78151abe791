"""The whole vocabulary of a stack file: its models, its checks and its messages."""

from headroom.settings.problems import InvalidStack, Problem
from headroom.settings.stack import Stack, load, parse

__all__ = ["InvalidStack", "Problem", "Stack", "load", "parse"]
