"""A server: one deployed model server with its replicas."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from headroom.settings.autoscaling import Autoscaling
from headroom.settings.base import Count, Image, LabelValue, Memory, ModelName, Name, NamespaceName, Settings, Variable, WholeSeconds
from headroom.settings.load import Load
from headroom.settings.models import Models
from headroom.settings.network import Network
from headroom.settings.placement import Cache, Parallelism, Resources
from headroom.settings.routing import Route

LONGEST_SECONDS = 24 * 3600
"""The longest start or drain: a mistyped unit is more likely than a day."""


class Rollout(StrEnum):
    SURGE = "surge"
    """A new pod is ready before an old one goes: needs a spare GPU."""
    RECREATE = "recreate"
    """All old pods go first: an outage, and no spare GPU needed."""


class Server(Settings):
    """One deployed model server."""

    engine: str = Field(description="the kind of model server")
    image: Image = Field(description="container image; its tag tells the engine's version")
    version: str | None = Field(default=None, description="the engine's version, where the image's tag does not tell it (a digest)")
    pool: Name | None = Field(default=None, description="the pool that its replicas run in; left out on an existing cluster")
    gpus: Count = Field(default=1, ge=1, le=16, description="GPUs per replica, on each of its nodes")
    gpu_memory: Memory | None = Field(
        default=None,
        description="memory that its models take on each of its GPUs; a pool whose GPUs, or shares of them, have less is refused",
    )
    gpu_products: tuple[LabelValue, ...] = Field(
        default=(), description="kinds of GPU that its nodes may have, as GPU Feature Discovery labels them; any when left out"
    )
    namespace: NamespaceName | None = Field(default=None, description="namespace; the stack's when left out")
    identity: str | None = Field(
        default=None,
        min_length=1,
        description="who its pods are in the cluster's cloud, so that they may read their models' bucket: the ARN of a role on EKS, the "
        "email of a service account on GKE, the client ID of a managed identity on AKS, or its resource id, by which the program "
        "lets the pods be it; nobody when left out",
    )
    models: Models | None = Field(default=None, description="where the engine finds its models; not for engines that fetch their own")
    model: ModelName | None = Field(
        default=None, description="the model that is served, where the engine wants it named; signals count its requests alone"
    )
    options: dict[str, str | int | bool] = Field(default_factory=dict, description="what only this engine knows; see its page")
    cache: Cache | None = Field(default=None, description="where what the engine fetches or builds is kept")
    parallelism: Parallelism = Field(default_factory=Parallelism, description="how one replica spans several GPUs")
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
    route: Route | None = Field(default=None, description="how it is reached from outside the cluster; not at all when left out")
    network: Network = Field(default_factory=Network, description="who reaches its pods in the cluster, and whom they reach")
    acknowledge: dict[Name, str] = Field(
        default_factory=dict,
        description="findings about its pods that are accepted, by check: why, and until when (`moves to Triton, until 2027-06-30`)",
    )
    load: Load | None = Field(default=None, description="client pods that put it under load; none when left out")
    autoscaling: Autoscaling = Field(description="what decides the number of replicas")
