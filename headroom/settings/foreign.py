"""Keys of a stack file that are not the project's: those that Pulumi or a provider reads, and those that nobody would.

Pulumi passes over a key that it does not know, also where it is a setting whose prefix is misspelt: everything below it would be missing,
and what runs would be deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from headroom.settings.problems import Problem

PROJECT = "headroom"
"""The project's name in Pulumi.yaml, and the prefix of its keys in a stack file."""

KEYS = ("cluster", "namespace", "namespaces", "pools", "platform", "servers", "credentials")

OF_PULUMI = ("config", "encryptedkey", "encryptionsalt", "environment", "secretsprovider")
"""What Pulumi reads at the top of a stack file (pulumi/pulumi, sdk/go/common/workspace/project.go, `ProjectStack`)."""

NAMESPACES = ("aws", "azure-native", "gcp", "kubernetes", "pulumi")
"""Whose configuration a stack may have beside the project's: the packages that the program uses, and Pulumi itself."""

_NEAR = 0.75


def at_the_top(key: str, line: int) -> Iterator[Problem]:
    """What is wrong with a key at the top of a stack file."""
    if key in OF_PULUMI:
        return
    if key.removeprefix(f"{PROJECT}:") in KEYS:
        yield Problem((key,), "is a setting, and Pulumi reads settings below config alone: indent it there", line)
    else:
        meant = _meant(key) or next(iter(get_close_matches(key, OF_PULUMI, 1, _NEAR)), None)
        yield Problem((key,), f"is nothing that Pulumi reads here; allowed: {', '.join(OF_PULUMI)}{_question(meant)}", line)


def below_config(key: str, line: int) -> Iterator[Problem]:
    """What is wrong with a key below `config` that has a prefix, and not the project's."""
    if _namespace(key) not in NAMESPACES:
        known = ", ".join(f"{namespace}:" for namespace in (PROJECT, *NAMESPACES))
        yield Problem((key,), f"has a prefix that nothing here reads; allowed: {known}{_question(_meant(key))}", line)


def misspelt(keys: Iterable[str]) -> Iterator[Problem]:
    """Which of the keys that Pulumi hands over were meant for the project: an environment that projects share has others too."""
    for key in keys:
        if _namespace(key) not in (PROJECT, *NAMESPACES) and get_close_matches(_namespace(key), [PROJECT], 1, _NEAR):
            yield Problem((key,), f"has a prefix that nothing here reads{_question(_meant(key))}")


def _namespace(key: str) -> str:
    return key.partition(":")[0]


def _meant(key: str) -> str | None:
    """The key that a misspelt one is near to."""
    namespace, _, name = key.rpartition(":")
    near = next(iter(get_close_matches(namespace, (PROJECT, *NAMESPACES), 1, _NEAR)), PROJECT)
    if near != PROJECT:
        return f"{near}:{name}"
    names = get_close_matches(name, KEYS, 1, _NEAR)
    return f"{PROJECT}:{names[0]}" if names else None


def _question(meant: str | None) -> str:
    return f"; did you mean {meant}?" if meant else ""
