"""The stacks of a clone, as the sandbox's parts read them."""

from __future__ import annotations

from headroom.paths import Clone
from headroom.sandbox.errors import SandboxError
from headroom.settings import InvalidStack, Stack, load


def read_stack(clone: Clone, name: str) -> Stack:
    """The stack `name` of the clone. Raises `SandboxError` with what is wrong with its file."""
    try:
        return load(clone.stack_file(name))
    except InvalidStack as error:
        raise SandboxError(str(error)) from None
