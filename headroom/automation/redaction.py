"""The second net under everything that a run prints: what is known to be a secret, and what has the shape of one, is shown redacted.

The first is Pulumi's own: secrets stay secret outputs from end to end, and the engine blinds them in its events. This one catches what
passes by it: a secret in plain text in a stack file, a program that prints one, a server that repeats one in an error.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import yaml

from headroom.plugins.kubernetes import kubeconfig
from headroom.report.changes import StackChanges, Step
from headroom.wiring.document import Document
from headroom.wiring.secrets import REDACTED, hidden, looks_secret, plaintexts, without_secrets

_SHORTEST = 6
"""Shorter ones are words of every text."""
_ALONE = 12
"""Shorter ones are redacted where they stand alone, not within words."""
_OF_KUBECONFIG = ("token", "password", "client-key-data")

_Value = TypeVar("_Value")


class Redactor:
    """Knows the secrets of a run. It is told of more of them as they come up, and never shows one."""

    def __init__(self, secrets: Iterable[str] = ()):
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        found = {secret for secret in secrets if len(secret) >= _SHORTEST}
        if found <= self._known:
            return
        self._known |= found
        forms = {form for secret in self._known for form in _forms(secret)}
        self._pattern = re.compile("|".join(map(_standing, sorted(forms, key=len, reverse=True))))

    def __repr__(self) -> str:
        return f"Redactor({len(self._known)} secrets)"

    def values(self, text: str) -> str:
        """Without the secrets that are known, in any form that a document gives them."""
        return self._pattern.sub(REDACTED, text) if self._pattern else text

    def __call__(self, text: str) -> str:
        """Without those, and without anything that has the shape of a secret."""
        return hidden(self.values(text), ())

    def data(self, value: _Value) -> _Value:
        """The same for every text within a value, the keys of mappings too."""
        if isinstance(value, Mapping):
            return {self.data(key): self.data(entry) for key, entry in value.items()}  # pyright: ignore[reportReturnType]
        if isinstance(value, list | tuple):
            return type(value)(self.data(entry) for entry in value)  # pyright: ignore[reportReturnType, reportCallIssue]
        return self(value) if isinstance(value, str) else value  # pyright: ignore[reportReturnType]

    def changes(self, stack: StackChanges) -> StackChanges:
        """All that is known of a stack, fit to be shown."""
        return replace(
            stack,
            steps=tuple(self._step(step) for step in stack.steps),
            findings=tuple(replace(finding, message=self(finding.message), fix=self(finding.fix)) for finding in stack.findings),
            violations=tuple(replace(violation, message=self(violation.message)) for violation in stack.violations),
            problem=self(stack.problem) if stack.problem else stack.problem,
            incomplete=self(stack.incomplete) if stack.incomplete else stack.incomplete,
        )

    def _step(self, step: Step) -> Step:
        return replace(step, before=self._inputs(step.before), after=self._inputs(step.after))

    def _inputs(self, inputs: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        return None if inputs is None else self.data(without_secrets(inputs))


_WORKING_DIRECTORY = "PWD"
"""The one variable of every shell that is called as a password is."""


def of_environment(environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The secrets of a shell: what stands under the name of one, and what is in the files that it names."""
    variables = os.environ if environment is None else environment
    yield from (value for name, value in variables.items() if looks_secret(name) and name != _WORKING_DIRECTORY)
    passphrase = Path(variables.get("PULUMI_CONFIG_PASSPHRASE_FILE") or os.devnull)
    if passphrase.is_file():
        yield passphrase.read_text().strip()
    for path in kubeconfig.files(variables):
        yield from of_kubeconfig(path)


def of_kubeconfig(path: Path) -> Iterator[str]:
    """The credentials in a kubeconfig; none of one that cannot be read."""
    try:
        known = yaml.safe_load(path.read_text())
    except (OSError, ValueError, yaml.YAMLError):
        return
    users = known.get("users") if isinstance(known, Mapping) else None
    for entry in users if isinstance(users, list) else ():
        user = entry.get("user") if isinstance(entry, Mapping) else None
        yield from (str(user[name]) for name in _OF_KUBECONFIG if isinstance(user, Mapping) and user.get(name))


def of_objects(objects: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What looks like a secret in plain text in objects and in values of releases."""
    for body in objects:
        yield from (found.value for found in plaintexts(Document(body)))


def of_values(values: Iterable[str]) -> Iterator[str]:
    """The secrets in decrypted values of a stack file: every text within one that is an object, as it is where it is none."""
    for value in values:
        try:
            yield from _leaves(json.loads(value))
        except ValueError:
            yield value


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for entry in value.values():
            yield from _leaves(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _leaves(entry)
    elif value is not None:
        yield str(value)


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, and as JSON, HTML, base64 and each of its lines show it."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield html.escape(secret)
    yield base64.b64encode(secret.encode()).decode()
    yield from (line for line in map(str.strip, secret.splitlines()) if len(line) >= _ALONE)


def _standing(form: str) -> str:
    pattern = re.escape(form)
    return pattern if len(form) >= _ALONE else rf"(?<![\w-]){pattern}(?![\w-])"
