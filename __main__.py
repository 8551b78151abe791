"""The program of every stack: its settings, its environment, its outputs."""

from pathlib import Path

import pulumi

from components.configuration import read_stack
from components.environment import Environment
from headroom.desired import render

stack = read_stack(Path(__file__).parent)
environment = Environment(stack.name, stack, render(stack))
for name, value in environment.outputs.items():
    pulumi.export(name, value)
