"""The stack's configuration as Pulumi hands it to the program."""

import json
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import config as runtime

from headroom.settings import InvalidStack, Problem, Stack, parse
from headroom.settings.stack import PROJECT

SECRETS = "credentials"


def read_stack(root: Path) -> Stack:
    """The judged stack that is being run. Raises `pulumi.RunError` with every problem at once, before any resource exists."""
    try:
        return _read(pulumi.get_stack(), root / "stacks")
    except InvalidStack as error:
        raise pulumi.RunError(str(error)) from None


def _read(name: str, stacks: Path) -> Stack:
    values: dict[str, Any] = {**runtime.get_config_env(), **runtime.CONFIG.get()}
    encrypted = {*runtime.get_config_secret_keys_env(), *(key for key in values if runtime.is_config_secret(key))}
    secret = sorted(encrypted - {f"{PROJECT}:{SECRETS}"})
    if secret:
        raise InvalidStack(f"stack {name}", [_misplaced(key) for key in secret])
    own = {key.partition(":")[2]: text for key, text in values.items() if key.startswith(f"{PROJECT}:")}
    credentials = _value(own.pop(SECRETS, "{}"))
    others = [key for key in values if not key.startswith(f"{PROJECT}:")]
    return parse(name, {key: _value(text) for key, text in own.items()}, stacks, frozenset(credentials), others)


def _misplaced(key: str) -> Problem:
    return Problem((key.partition(":")[2],), f"holds an encrypted value: secrets belong below {SECRETS}, where they stay encrypted")


def _value(text: str) -> Any:
    """Pulumi hands objects over as JSON text, scalars as themselves."""
    try:
        return json.loads(text)
    except ValueError:
        return text
