"""A server: one deployed model server with its replicas."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from headroom.settings.base import Count, Cpu, Image, Memory, ModelName, Name, Settings, Variable, WholeSeconds

MODEL_FILES_LIMIT = 900_000
"""Bytes of a model directory that fit into one ConfigMap (1 MiB with its metadata, https://kubernetes.io/docs/concepts/configuration/configmap/)."""

LONGEST_SECONDS = 24 * 3600
"""The longest start or drain: a mistyped unit is more likely than a day."""


class Backend(StrEnum):
    HPA = "hpa"


class Rollout(StrEnum):
    SURGE = "surge"
    """A new pod is ready before an old one goes: needs a spare GPU."""
    RECREATE = "recreate"
    """All old pods go first: an outage, and no spare GPU needed."""


class Models(Settings):
    """Where the engine finds its models: exactly one of the ways."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    directory: str | None = Field(default=None, description="a directory beside the stack file, shipped as a ConfigMap: small models only")
    claim: Name | None = Field(default=None, description="a PersistentVolumeClaim in the server's namespace, mounted read-only")
    uri: str | None = Field(default=None, description="a repository that the engine reads itself, such as s3://bucket/models")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"uri" if "://" in value else "directory": value}
        if not isinstance(value, Mapping):
            raise ValueError("must be a directory, a URI, or a mapping with exactly one of directory, claim, uri")
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Models:
        if sum(way is not None for way in (self.directory, self.claim, self.uri)) != 1:
            raise ValueError("give exactly one of directory, claim, uri")
        return self

    def files(self, base: Path) -> Mapping[str, str]:
        """Content of `directory` by relative path; empty for the other ways.

        Raises `ValueError` when the directory is missing, empty, not text, or larger than a ConfigMap.
        """
        if self.directory is None:
            return {}
        root = (base / self.directory).resolve()
        if not root.is_dir() or base.resolve() not in root.parents:
            raise ValueError("is not a directory beside the stack file")
        paths = sorted(
            p for p in root.rglob("*") if p.is_file() and not any(part.startswith((".", "__")) for part in p.relative_to(root).parts)
        )
        if not paths:
            raise ValueError("holds no file")
        if sum(path.stat().st_size for path in paths) > MODEL_FILES_LIMIT:
            raise ValueError(f"holds more than {MODEL_FILES_LIMIT // 1000} kB: too large for a ConfigMap, use claim or uri")
        try:
            return {path.relative_to(root).as_posix(): path.read_text() for path in paths}
        except UnicodeDecodeError:
            raise ValueError("holds a file that is not text: use claim or uri") from None


class Resources(Settings):
    """CPU and memory of a replica; its GPUs are `gpus`."""

    cpu: Cpu = Field(default="2", description="CPU requested")
    memory: Memory = Field(default="8Gi", description="memory requested and its limit")


class Replicas(Settings):
    """Bounds of the replica count."""

    min: Count = Field(default=1, ge=1, description="replicas that always run")
    max: Count = Field(ge=1, description="replicas that the pool must be able to hold")

    @model_validator(mode="after")
    def _min_below_max(self) -> Replicas:
        if self.min > self.max:
            raise ValueError("min is larger than max: the autoscaler would have no count to choose; lower min or raise max")
        return self


class ScaleUp(Settings):
    """How fast replicas are added. Defaults suit servers that start in minutes: a step, then time to see what it did."""

    stabilization: WholeSeconds = Field(default=0, le=3600, description="how long a higher demand must hold before it counts")
    pods: Count = Field(default=4, ge=1, description="replicas that may be added per period")
    period: WholeSeconds = Field(default=60, gt=0, le=1800, description="the period")


class ScaleDown(Settings):
    """How fast replicas are taken away. Defaults are slow: a GPU server that is missed takes minutes to come back."""

    stabilization: WholeSeconds = Field(default=300, le=3600, description="the highest demand within this time is what counts")
    pods: Count = Field(default=1, ge=1, description="replicas that may be removed per period")
    period: WholeSeconds = Field(default=60, gt=0, le=1800, description="the period")


def _target(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be a target such as 500ms, 60% or 2")
    return str(value)


Target = Annotated[str, BeforeValidator(_target, json_schema_input_type=str | float), Field(title="target")]
"""Text here; its signal judges it."""


class Autoscaling(Settings):
    """What decides the number of replicas."""

    backend: Backend = Field(description="which autoscaler holds the targets: hpa (through prometheus-adapter)")
    replicas: Replicas = Field(description="bounds of the replica count")
    signals: dict[str, Target] = Field(min_length=1, description="targets by signal; units where they have one: 500ms, 60%")
    scale_up: ScaleUp = Field(default_factory=ScaleUp, description="how fast replicas are added")
    scale_down: ScaleDown = Field(default_factory=ScaleDown, description="how fast replicas are taken away")


class Server(Settings):
    """One deployed model server."""

    engine: str = Field(description="the kind of model server")
    image: Image = Field(description="container image; its tag tells the engine's version")
    version: str | None = Field(default=None, description="the engine's version, where the image's tag does not tell it (a digest)")
    pool: Name | None = Field(default=None, description="the pool that its replicas run in; left out on an existing cluster")
    gpus: Count = Field(default=1, ge=1, le=16, description="GPUs per replica")
    namespace: Name | None = Field(default=None, description="namespace; the stack's when left out")
    models: Models = Field(description="where the engine finds its models")
    model: ModelName | None = Field(
        default=None, description="the model whose requests the signals count; all of the server's when left out"
    )
    arguments: tuple[str, ...] = Field(default=(), description="further arguments for the engine, after its own")
    environment: dict[Variable, str] = Field(default_factory=dict, description="further environment variables; no secrets")
    resources: Resources = Field(default_factory=Resources, description="CPU and memory per replica")
    startup: WholeSeconds | None = Field(
        default=None, gt=0, le=LONGEST_SECONDS, description="how long a replica may take to start; the engine's when left out"
    )
    drain: WholeSeconds = Field(
        default=30, le=LONGEST_SECONDS, description="how long the longest request or stream may take to end when a replica goes"
    )
    rollout: Rollout = Field(default=Rollout.SURGE, description="how a change reaches the replicas")
    autoscaling: Autoscaling = Field(description="what decides the number of replicas")
