"""The program of every stack: its settings, its environment, its outputs."""

import gc
import sys
from pathlib import Path

import pulumi

from components.configuration import read_stack
from components.environment import Environment
from components.preflight import preflight
from headroom.desired import render

ALREADY_SAID = 32
"""Exit status with which Pulumi's Python executor tells that its user has read why: the CLI adds nothing to it."""

# A program ends soon: looking for garbage meanwhile is up to a fifth of its time where it reads a cloud's SDK.
gc.disable()

try:
    stack = read_stack(Path(__file__).parent)
    desired = render(stack)
    preflight(stack, desired)
    environment = Environment(stack.name, stack, desired)
except pulumi.RunError as refusal:
    pulumi.log.error(str(refusal))
    sys.exit(ALREADY_SAID)

for name, value in environment.outputs.items():
    pulumi.export(name, value)
