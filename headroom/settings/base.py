"""What every settings model has in common, and the small types that carry units.

The titles of the types name them in the generated reference.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic.alias_generators import to_camel

DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_SECONDS_PER = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600)}
_NAME = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"
_CPU = r"^[0-9]+(\.[0-9]+|m)?$"
_MEMORY = r"^[0-9]+(\.[0-9]+)?(k|Ki|M|Mi|G|Gi|T|Ti)$"
_IMAGE = r"^[a-zA-Z0-9][a-zA-Z0-9_.:/@-]*$"
MODEL = r"^[a-zA-Z0-9][a-zA-Z0-9_.:/+-]*$"
_VARIABLE = r"^[a-zA-Z_][a-zA-Z0-9_]*$"
_LABEL_KEY = r"^([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$"
_HOST = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
_URL_PATH = r"^/([A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*)?$"
_OBJECT = r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$"
_HEADER = r"^[A-Za-z0-9][A-Za-z0-9-]*$"
_HTTP_URL = r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$"
STACK = r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"
_CAPABILITY = r"^[0-9]{1,2}\.[0-9]$"
_LABEL_VALUE = r"^([a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?)?$"
GUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
RESOURCE_GROUP = r"^[-A-Za-z0-9_.()]{0,89}[-A-Za-z0-9_()]$"
AZURE_REGION = r"^[a-z0-9]+$"
AZURE_MACHINE = r"^Standard_[A-Za-z0-9_]+$"

FORMS = {
    GUID: "a GUID in lower case such as 00000000-0000-0000-0000-000000000000",
    RESOURCE_GROUP: "the name of a resource group: at most 90 letters, digits and - _ . ( ), the last of them no dot",
    AZURE_REGION: "a region of Azure in one word such as eastus",
    AZURE_MACHINE: "a machine type of Azure such as Standard_D4s_v5",
    _NAME: "lower-case letters, digits and hyphens, begin with a letter and end with a letter or digit",
    _CPU: "a number of CPUs such as 2, 1.5 or 500m",
    _MEMORY: "an amount of memory with its unit such as 512Mi or 32Gi",
    _IMAGE: "a container image such as nvcr.io/nvidia/tritonserver:25.06-py3",
    MODEL: "the name of a model: letters, digits and . _ : / + -",
    _VARIABLE: "letters, digits and underscores, and begin with no digit",
    _HOST: "a host name in lower case such as speech.example.com",
    _OBJECT: "the name of an object in the cluster: lower-case letters, digits, hyphens and dots",
    _HEADER: "the name of a header such as X-Auth-User",
    _HTTP_URL: "an address such as http://auth.example.com/verify, without a query or a password",
    _URL_PATH: "a path that begins with a slash and does not end with one, such as /llama",
    _LABEL_KEY: "a label's name such as release or example.com/team",
    STACK: "a stack's full name such as organization/headroom/prod-cluster: organization, project, stack",
    _CAPABILITY: "a compute capability such as 8.9",
    _LABEL_VALUE: "letters, digits and - _ . between them",
}
"""What a text of each pattern must be, in words."""


class Settings(BaseModel):
    """Base of every part of a stack file: camelCase keys, nothing unknown, nothing changed later, no input in a message."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, alias_generator=to_camel)


def seconds(text: str) -> Decimal:
    """Seconds of a duration such as `500ms`, `15s`, `10m`. Raises `ValueError` with the allowed forms."""
    match = DURATION.fullmatch(text)
    if match is None:
        raise ValueError("a duration is a number and a unit: 500ms, 15s, 10m or 1h")
    return Decimal(match[1]) * _SECONDS_PER[match[2]]


def _duration(value: Any) -> Any:
    return float(seconds(value)) if isinstance(value, str) else value


def _whole(value: float) -> float:
    if not value.is_integer():
        raise ValueError("must be whole seconds: Kubernetes counts no smaller here")
    return value


def text_of_number(value: Any) -> Any:
    """What YAML read as a number, as it was written; `true` stays what it is and is refused."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _some(value: str) -> str:
    if not value.strip("0.mkKMGTi"):
        raise ValueError("must be more than 0")
    return value


_UNITS = {"m": 1e-3, "k": 1e3, "Ki": 2**10, "M": 1e6, "Mi": 2**20, "G": 1e9, "Gi": 2**30, "T": 1e12, "Ti": 2**40}


def quantity(text: str) -> float:
    """A Kubernetes quantity as a number: CPUs, or bytes."""
    number = text.rstrip("mkKiMGT")
    return float(number) * _UNITS.get(text[len(number) :], 1)


def is_encrypted(value: object) -> bool:
    """Whether a value is in the form in which Pulumi writes a secret into a stack file."""
    return isinstance(value, Mapping) and set(value) == {"secure"} and isinstance(value["secure"], str)


Count = Annotated[int, Strict(), Field(title="whole number")]

Duration = Annotated[
    float,
    Strict(),
    BeforeValidator(_duration),
    Field(ge=0, allow_inf_nan=False, title="duration"),
]
"""Seconds, written as `500ms`, `15s`, `10m`, `1h` or a bare number of seconds."""

WholeSeconds = Annotated[Duration, AfterValidator(_whole), Field(title="whole seconds")]

Name = Annotated[str, Field(pattern=_NAME, max_length=40, title="name")]
"""A DNS label of at most 40 characters, so that every object made from it has a name that Kubernetes accepts."""

Cpu = Annotated[
    str,
    Field(pattern=_CPU, title="CPUs"),
    BeforeValidator(text_of_number, json_schema_input_type=Annotated[str, Field(pattern=_CPU)] | float),
    AfterValidator(_some),
]

Memory = Annotated[str, Field(pattern=_MEMORY, title="memory"), AfterValidator(_some)]

ComputeCapability = Annotated[
    str,
    Field(pattern=_CAPABILITY, title="compute capability"),
    BeforeValidator(text_of_number, json_schema_input_type=Annotated[str, Field(pattern=_CAPABILITY)] | float),
]

Image = Annotated[str, Field(pattern=_IMAGE, title="image")]

ModelName = Annotated[str, Field(pattern=MODEL, title="model name")]
"""It ends up in PromQL, and must not leave its quotes."""

Variable = Annotated[str, Field(pattern=_VARIABLE)]

ObjectName = Annotated[str, Field(pattern=_OBJECT, max_length=253, title="object's name")]
"""The name of an object that is in the cluster already: whatever Kubernetes accepts."""

OF_KUBERNETES = ("kube-system", "kube-public", "kube-node-lease")


def _free(namespace: str) -> str:
    if namespace in OF_KUBERNETES:
        raise ValueError("is a namespace of Kubernetes' own, in which model servers have no business: name another")
    return namespace


NamespaceName = Annotated[Name, AfterValidator(_free), Field(title="name", json_schema_extra={"not": {"enum": list(OF_KUBERNETES)}})]
"""A namespace that servers may be in."""


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValueError("must be a range of addresses such as 10.0.0.0/8, its host bits zero") from None
    return value


Addresses = Annotated[str, AfterValidator(_network), Field(title="range of addresses")]
"""A CIDR block, IPv4 or IPv6."""

HostName = Annotated[str, Field(pattern=_HOST, max_length=253, title="host name")]
HttpUrl = Annotated[str, Field(pattern=_HTTP_URL, max_length=500, title="address")]
HeaderName = Annotated[str, Field(pattern=_HEADER, max_length=100, title="header")]
UrlPath = Annotated[str, Field(pattern=_URL_PATH, max_length=200, title="path")]

Gang = Literal["volcano"]
"""Schedulers that place a group whole and that the LeaderWorkerSet controller knows (kubernetes-sigs/lws pkg/schedulerprovider)."""

LabelKey = Annotated[str, Field(pattern=_LABEL_KEY, max_length=316)]
LabelValue = Annotated[str, Field(pattern=_LABEL_VALUE, max_length=63)]
