"""The form of a protocol: what one request of a load is, how it is sent, and what is measured on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol as Interface

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.addresses import Address


@dataclass(frozen=True)
class Answer:
    """What became of one request."""

    failure: str | None = None
    """Why it failed; None: it did not."""
    measures: Mapping[str, float] = field(default_factory=dict)
    """What the client measured beside the whole duration, by name, such as the seconds to the first token."""


Send = Callable[[Address], Awaitable[Answer]]
"""Sends one request to a pod and waits for the end of its answer. Raises nothing: what goes wrong is the answer's failure."""


class Call(Interface):
    """The requests of a load."""

    @property
    def port(self) -> str:
        """Name of the Service's port."""
        ...

    def sender(self, timeout: float) -> AbstractAsyncContextManager[Send]:
        """A client for as long as the context lasts, which gives a request up after `timeout` seconds."""
        ...


@dataclass(frozen=True)
class Option:
    """A number that a load may choose, such as the length of its prompts."""

    default: float
    description: str


@dataclass(frozen=True)
class Protocol:
    """How an engine is spoken to."""

    call: Callable[[str, Mapping[str, float]], Call]
    """The requests for a model, with a value for every option; the model is empty where the engine serves only one."""
    options: Mapping[str, Option] = field(default_factory=dict)
    names_model: bool = True
    """Whether a request has to say which model it is for."""

    def values(self, chosen: Mapping[str, float]) -> dict[str, float]:
        """Every option's value. Raises `SandboxError` for a name that is no option, with those that are."""
        if unknown := sorted(set(chosen) - set(self.options)):
            known = "; ".join(f"{name} ({option.description})" for name, option in self.options.items()) or "none"
            raise SandboxError(f"the load has no option {', '.join(unknown)}; its options: {known}")
        return {name: chosen.get(name, option.default) for name, option in self.options.items()}
