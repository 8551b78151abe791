"""The Secrets that a server's pods read. Their values are not known here: only which credential belongs under which key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from headroom.catalog.engines.model import Engine
from headroom.catalog.images import mirrored, registry_of
from headroom.desired.objects import Object, obj
from headroom.settings.platform import Images
from headroom.settings.server import Server

PULL = "pull"
REGISTRY_CREDENTIAL = "ngc"
REGISTRY_USER = "$oauthtoken"
"""The user name that NVIDIA's registry wants with an API key, as it stands (https://docs.nvidia.com/ngc/)."""
_VOLUME = "secret-{}"
_LOGINS = ".dockerconfigjson"


@dataclass(frozen=True)
class CredentialUse:
    """A value of a Secret, to be filled in from the stack's credentials when they are known."""

    credential: str
    form: Literal["plain", "registry-login", "within"] = "plain"
    registry: str = ""
    user: str = REGISTRY_USER
    document: str = ""
    """For `within`: JSON in which a text that is `shown` stands for the secret."""

    @property
    def shown(self) -> str:
        """What stands in the desired object instead."""
        return f"<credentials.{self.credential}>"


Uses = Mapping[str, CredentialUse]
"""By the key of one Secret."""


def uses(engine: Engine, server: Server, credentials: frozenset[str] | None, images: Images) -> Mapping[str, Uses]:
    """By the Secret's name without the server's. `credentials` are those that the stack has, None where that cannot be told yet:
    an optional one that it has not is left out."""
    found: dict[str, dict[str, CredentialUse]] = {}
    for use in engine.secrets:
        if use.required or credentials is None or use.credential in credentials:
            found.setdefault(use.secret, {})[use.key] = CredentialUse(use.credential)
    pull = _pull(engine, server, credentials, images)
    return {**found, **({PULL: pull} if pull else {})}


def _pull(engine: Engine, server: Server, credentials: frozenset[str] | None, images: Images) -> Uses:
    if login := mirror_login(images):
        return login
    registry = registry_of(mirrored(server.image, images.registry))
    has_key = credentials is None or REGISTRY_CREDENTIAL in credentials
    return {_LOGINS: CredentialUse(REGISTRY_CREDENTIAL, "registry-login", registry)} if registry == engine.registry and has_key else {}


def mirror_login(images: Images) -> Uses:
    """What a Secret holds that pods pull from the mirror with; nothing where it wants no login."""
    if images.registry is None or images.login is None:
        return {}
    login = CredentialUse(images.login.password, "registry-login", registry_of(f"{images.registry}/"), images.login.user)
    return {_LOGINS: login}


def secret(
    name: str, namespace: str, labels: dict[str, str], suffix: str, keys: Uses, known: Mapping[str, str] = MappingProxyType({})
) -> Object:
    """The Secret `name`-`suffix`; `known` is what stands in it beside the credentials and is no secret."""
    kind = "kubernetes.io/dockerconfigjson" if suffix == PULL else "Opaque"
    data = {**known, **{key: use.shown for key, use in keys.items()}}
    return obj("v1", "Secret", f"{name}-{suffix}", namespace=namespace, labels=labels, type=kind, stringData=data)


def variables(name: str, engine: Engine, given: Mapping[str, Uses]) -> list[Object]:
    """Environment entries of the container."""
    return [
        {"name": use.variable, "valueFrom": {"secretKeyRef": {"name": f"{name}-{use.secret}", "key": use.key}}}
        for use in engine.secrets
        if use.variable and use.key in given.get(use.secret, {})
    ]


def volumes(name: str, engine: Engine, given: Mapping[str, Uses]) -> Iterator[tuple[Object, Object]]:
    """A volume and its mount for each secret that is a file."""
    for use in engine.secrets:
        if use.file and use.key in given.get(use.secret, {}):
            volume = _VOLUME.format(use.secret)
            source = {"secretName": f"{name}-{use.secret}", "items": [{"key": use.key, "path": use.key}]}
            yield (
                {"name": volume, "secret": source},
                {"name": volume, "mountPath": use.file, "subPath": use.key, "readOnly": True},
            )


def pull_secrets(name: str, given: Mapping[str, Uses]) -> list[Object]:
    return [{"name": f"{name}-{PULL}"}] if PULL in given else []
