"""The form in which an engine is known. An engine is data: nothing that builds objects asks which one it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

from headroom.catalog.engines.beside import Sidecar
from headroom.catalog.engines.needs import Cache, Client, GpuNeed, Option, Preparation, Ranks, SecretUse, ServedAs
from headroom.catalog.images import Architecture, architecture_of, is_one_of, repository_and_tag

Version = tuple[int, ...]


class MetricType(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"


@dataclass(frozen=True)
class Metric:
    """A series family in the engine's exposition, under its exact name."""

    name: str
    type: MetricType
    unit: str
    labels: tuple[str, ...]
    since: Version | None = None
    """First engine version that exports it, where that is known."""
    until: Version | None = None
    """First engine version that no longer exports it."""

    def exists_in(self, version: Version) -> bool:
        return (self.since is None or version >= self.since) and (self.until is None or version < self.until)


@dataclass(frozen=True)
class SignalSource:
    """Where a signal comes from in an engine: PromQL per series, before any aggregation.

    `$selector` stands for the label matchers of one server, `$window` for the range of `rate`, and the names that `Engine` lists for
    values of the server, such as its engine's options. For a weighted signal the value is
    numerator / denominator; `floor` keeps an idle server at 0 instead of NaN and is in the denominator's unit.
    """

    numerator: str
    denominator: str | None = None
    floor: float = 0.001
    within_pod: Literal["sum", "max"] = "sum"
    """How a pod's own series combine. `max` survives a pod that is scraped twice; `sum` is right for several models."""


@dataclass(frozen=True)
class Outcome:
    """What clients get, as PromQL per series before any aggregation, in requests per second; placeholders as in `SignalSource`."""

    answered: str
    failed: str | None = None
    """Requests that ended in an error of the server's making; None where the engine does not count them."""
    seconds: str | None = None
    """Time that the answered requests took, in seconds per second: by `answered` it is their mean latency."""
    spent: Mapping[str, str] = field(default_factory=dict)
    """Where that time went, by what it is: by `answered` each is a mean too."""


@dataclass(frozen=True)
class Port:
    name: str
    number: int
    app_protocol: str
    """https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol"""
    exposed: bool = True
    """Whether the server's Service offers it."""
    guarded: bool = False
    """Whether it is for the pod's own containers alone: a NetworkPolicy keeps everybody else out."""


@dataclass(frozen=True)
class Health:
    """HTTP paths of the probes, on the port named `port`."""

    port: str
    ready: str
    live: str
    ready_command: tuple[str, ...] | None = None
    """Instead of `ready` where no path tells it: succeeds inside the container once requests are served."""


@dataclass(frozen=True)
class GrpcHealth:
    """The gRPC health protocol on the port named `port`: https://github.com/grpc/grpc/blob/master/doc/health-checking.md"""

    port: str
    service: str = ""


@dataclass(frozen=True)
class Engine:
    """An engine at one version.

    In `arguments`, `parallel_arguments`, `environment` and `files` a `$name` stands for a value of the server: `$models`, `$model`,
    `$cache`, `$prepared`, `$exit`, `$gpus`, `$tensor`, `$pipeline`, `$nodes`, `$product` (the GPU's), `$memory` (of a replica), and each
    of the engine's options; `$$` for a dollar.
    """

    name: str
    title: str
    image: str
    """Repository of its images; a pattern of shells where the model is in the name."""
    version: Version
    command: tuple[str, ...]
    arguments: tuple[str, ...]
    ports: tuple[Port, ...]
    health: Health | GrpcHealth
    metrics_port: str
    metrics_path: str
    startup_seconds: int
    """How long the slowest start may take before the pod is given up: image pulled, models loaded."""
    exit_seconds: int
    """How long the engine itself waits for requests in flight after SIGTERM."""
    user: int
    """User and group id that the image runs as."""
    model_directory: str
    shared_memory: bool
    """Whether processes inside the container talk through /dev/shm (64 MiB by default, too little)."""
    model_label: str | None
    """The metrics' label that names the model which `model` names; None where the signals themselves say whose series they read."""
    metrics: tuple[Metric, ...]
    signals: Mapping[str, SignalSource]
    served_as: ServedAs | None = None
    blinding: tuple[str, ...] = ()
    """Arguments that no server may add: they stop the metrics."""
    outcome: Outcome | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """Configuration files by path in the container; their texts are filled in as `arguments` are."""
    options: Mapping[str, Option] = field(default_factory=dict)
    secrets: tuple[SecretUse, ...] = ()
    registry: str | None = None
    """The registry of its images, where that wants a login made from `credentials.ngc`."""
    cache: Cache | None = None
    preparation: Preparation | None = None
    client: Client | None = None
    needs_models: bool = True
    """Whether `models` must say where the models are; an engine without fetches the one named by `model`, or has it in its image."""
    needs_model: bool = False
    """Whether `model` must name the model."""
    parallel_arguments: tuple[str, ...] | None = None
    """Further arguments where a replica spans several GPUs; None for an engine that cannot, or not by arguments alone."""
    ranks: Ranks | None = None
    """Instead of `command` and `arguments` where a replica spans several GPUs and each has a process of its own."""

    sidecar: Sidecar | None = None
    gpu: GpuNeed = field(default_factory=GpuNeed)
    gpu_by_image: Mapping[str, GpuNeed] = field(default_factory=dict)
    """Instead of `gpu` for images that need more than the engine's others, by a pattern of their names."""
    architectures: tuple[Architecture, ...] = ("amd64", "arm64")
    """Processors that its published image is for; both where no source leaves one out."""

    def gpu_for(self, image: str) -> GpuNeed:
        """The least GPU that an image of the engine starts on."""
        repository = repository_and_tag(image)[0]
        return next((need for pattern, need in self.gpu_by_image.items() if is_one_of(repository, pattern)), self.gpu)

    def architectures_of(self, image: str) -> tuple[Architecture, ...]:
        """Processors that an image is for: its tag's where that tells, and both where it is somebody's own build."""
        said = architecture_of(image)
        if said:
            return (said,)
        return self.architectures if is_one_of(repository_and_tag(image)[0], self.image) else ("amd64", "arm64")

    def metric(self, name: str) -> Metric | None:
        return next((m for m in self.metrics if m.name == name), None)

    def port(self, name: str) -> Port:
        return next(p for p in self.ports if p.name == name)


@dataclass(frozen=True)
class Release:
    """What changed in an engine from a version on: fields of `Engine` to replace."""

    since: Version
    changes: Mapping[str, Any]


def spelled(version: Version) -> str:
    """As tags spell it: a month as `25.06`, a release as `1.8.3`."""
    return f"{version[0]}.{version[1]:02d}" if len(version) == 2 else ".".join(map(str, version))


class UnknownVersion(ValueError):
    """An image's version cannot be told from its tag."""


@dataclass(frozen=True)
class EngineFamily:
    """An engine over its version range: the oldest known form and what each later release changed."""

    oldest: Engine
    newest: Version
    """The newest version that the data was checked against; later ones get its facts and a warning."""
    tag: re.Pattern[str]
    """Finds the version in an image tag; its groups are the version's numbers."""
    releases: tuple[Release, ...] = ()
    ended: str | None = None
    """Since when nobody mends it any more, where that is so."""

    @property
    def name(self) -> str:
        return self.oldest.name

    @property
    def signals(self) -> Mapping[str, Version | None]:
        """Every signal that some version offers, and the first that does where the oldest does not."""
        since: dict[str, Version | None] = dict.fromkeys(self.oldest.signals)
        for release in self.releases:
            for signal in release.changes.get("signals", ()):
                since.setdefault(signal, release.since)
        return since

    def version_of(self, image: str) -> Version:
        """The version named by an image's tag. Raises `UnknownVersion` for a digest, `latest` or another scheme of tags."""
        repository, tag = repository_and_tag(image)
        match = self.tag.fullmatch(tag) if repository and tag else None
        if match is None:
            raise UnknownVersion(f"the tag of {image} does not tell the version of {self.oldest.title}")
        return tuple(int(number) for number in match.groups())

    def at(self, version: Version) -> Engine:
        """The engine at a version: its facts, with the metrics that this version exports."""
        engine = replace(self.oldest, version=version)
        for release in self.releases:
            if version >= release.since:
                engine = replace(engine, **release.changes)
        return replace(engine, metrics=tuple(m for m in engine.metrics if m.exists_in(version)))
