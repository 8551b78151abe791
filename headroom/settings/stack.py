"""A stack: reading its file or its Pulumi configuration, judging all of it at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from headroom.settings.base import Name, NamespaceName
from headroom.settings.cluster import CLUSTERS, Cluster
from headroom.settings.consistency import inconsistencies
from headroom.settings.credentials import names_of, unencrypted
from headroom.settings.foreign import KEYS, misspelt
from headroom.settings.foreign import PROJECT as PROJECT
from headroom.settings.namespaces import Namespace, quotas
from headroom.settings.platform import Platform
from headroom.settings.pool import Pool
from headroom.settings.problems import EMPTY, InvalidStack, Problem, from_validation
from headroom.settings.server import Server
from headroom.settings.source import NoSuchFile, Source, read_source

_NO_SETTINGS = "has no `config:` with settings: it must at least name a cluster"
DEFAULT_NAMESPACE = "inference"


@dataclass(frozen=True)
class Stack:
    """One environment, every setting judged. The values of `credentials` are not here: they stay Pulumi secrets."""

    name: str
    cluster: Cluster
    namespace: str
    pools: Mapping[str, Pool]
    platform: Platform
    servers: Mapping[str, Server]
    model_files: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    """Content of the servers' model directories by server and relative path."""
    credentials: frozenset[str] | None = None
    """Names of the stack's credentials; None where all of them are one encrypted value."""
    namespaces: Mapping[str, Namespace] = field(default_factory=dict)
    """Shares of the cluster by namespace; servers may be in others too."""


def load(path: Path) -> Stack:
    """The stack of a file `Pulumi.<stack>.yaml`. Raises `InvalidStack` with every problem and its line."""
    source = read_source(path)
    if not source.config:
        raise InvalidStack(source.name, [*source.strays, Problem((), _NO_SETTINGS)])
    credentials = names_of(source.config.get("credentials", {}))
    return _judge(path.stem.removeprefix("Pulumi."), source.config, source, path.parent, credentials)


def parse(name: str, config: Mapping[str, Any], stacks_directory: Path, credentials: frozenset[str], others: Iterable[str] = ()) -> Stack:
    """The stack of a configuration as Pulumi hands it to the program, its keys without the project's prefix.

    `credentials` are the names of those that Pulumi has decrypted, `others` the keys that have another prefix.

    Raises `InvalidStack`; lines come from the stack's file where there is one.
    """
    path = stacks_directory / f"Pulumi.{name}.yaml"
    try:
        source = read_source(path)
    except NoSuchFile:
        if not config.get("cluster"):
            raise
        source = Source(str(path), {}, {})
    if not source.config and not config.get("cluster"):
        raise InvalidStack(source.name, [*source.strays, Problem((), _NO_SETTINGS)])
    told = {problem.path for problem in source.strays}
    strays = (*source.strays, *(problem for problem in misspelt(others) if problem.path not in told))
    return _judge(name, config, replace(source, strays=strays), stacks_directory, credentials)


def _judge(name: str, config: Mapping[str, Any], source: Source, base: Path, credentials: frozenset[str] | None) -> Stack:
    problems: list[Problem] = [*source.strays]
    collect = _Collector(problems)
    for key in {**config, **source.config}:
        if key not in KEYS:
            problems.append(Problem((key,), f"is not a setting here; allowed: {', '.join(KEYS)}"))
    cluster = collect.cluster(config.get("cluster"))
    namespace = collect.one(NamespaceName, config.get("namespace", DEFAULT_NAMESPACE), ("namespace",))
    platform = collect.one(Platform, config.get("platform", {}), ("platform",))
    namespaces = collect.named(Namespace, config.get("namespaces", {}), "namespaces", NamespaceName)
    pools = collect.named(Pool, config.get("pools", {}), "pools")
    servers = collect.named(Server, config.get("servers", {}), "servers")
    problems += unencrypted(source.config.get("credentials", {}))
    files = {server: _model_files(server, settings, base, problems) for server, settings in servers.items()}
    asked = {key: value for key, value in config.items() if isinstance(value, Mapping)}
    problems += inconsistencies(cluster=cluster, platform=platform, pools=pools, servers=servers, credentials=credentials, asked=asked)
    if platform is not None and namespace is not None:
        problems += quotas(namespaces, namespace, servers, pools, platform.gpu_operator.mig_strategy)
    if problems or cluster is None or namespace is None or platform is None:
        raise InvalidStack(source.name, [replace(p, line=p.line or source.line(p.path)) for p in problems])
    return Stack(name, cluster, namespace, pools, platform, servers, files, credentials, namespaces)


def _model_files(server: str, settings: Server, base: Path, problems: list[Problem]) -> Mapping[str, str]:
    try:
        return settings.models.files(base) if settings.models else {}
    except ValueError as error:
        problems.append(Problem(("servers", server, "models", "directory"), str(error)))
        return {}


class _Collector:
    """Validates part by part, so that one broken server does not hide what is wrong with the next."""

    def __init__(self, problems: list[Problem]):
        self._problems = problems

    def one(self, model: Any, value: Any, path: tuple[str, ...]) -> Any:
        try:
            return TypeAdapter(model).validate_python(value)
        except ValidationError as error:
            self._problems += from_validation(error, path, model)
            return None

    def cluster(self, value: Any) -> Any:
        known = ", ".join(CLUSTERS)
        if not isinstance(value, Mapping) or "provider" not in value:
            self._problems.append(Problem(("cluster", "provider"), f"is required; known: {known}"))
            return None
        model = next((model for name, model in CLUSTERS.items() if name == value["provider"]), None)
        if model is None:
            self._problems.append(Problem(("cluster", "provider"), f"is not a provider; known: {known}"))
            return None
        return self.one(model, value, ("cluster",))

    def named(self, model: type[BaseModel], value: Any, key: str, names: Any = Name) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self._problems.append(Problem((key,), EMPTY if value is None else "must be a mapping of names to settings"))
            return {}
        valid = {}
        for name, settings in value.items():
            self.one(names, name, (key, name))
            parsed = self.one(model, settings, (key, name))
            if parsed is not None:
                valid[name] = parsed
        return valid
