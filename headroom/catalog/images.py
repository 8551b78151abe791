"""Names of container images: whose registry they are in, and what they are called in a mirror.

Source of the form: distribution/reference, reference.go and normalize.go (the first part of a name is a registry when it has a dot or
a colon or is `localhost`; without one it is Docker Hub's, whose own images lie below `library`). Words for a processor: tags of
vllm/vllm-openai (aarch64, x86_64), of riva-speech (l4t-aarch64) and of tritonserver (igpu: Jetson, an ARM).
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Literal

_HUB = "docker.io"
Architecture = Literal["amd64", "arm64"]
"""A processor, as Kubernetes labels a node and as an image names its platform."""

_WORD = re.compile(r"(?:^|[-._])(?:(arm64|aarch64|sbsa|igpu)|(amd64|x86_64|x64))(?:$|[-._])")


def registry_of(image: str) -> str:
    """The registry of an image: its host, with its port where it has one."""
    return _split(image)[0]


def repository_and_tag(image: str) -> tuple[str, str]:
    """`nvcr.io/nvidia/tritonserver:25.06-py3@sha256:…` → its repository with the registry, and `25.06-py3`; no tag is an empty one."""
    name = image.partition("@")[0]
    repository, colon, tag = name.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name, "")


def architecture_of(image: str) -> Architecture | None:
    """The processor that an image's tag says it is for; None where it says nothing, as most do."""
    word = _WORD.search(repository_and_tag(image)[1])
    return None if word is None else "arm64" if word[1] else "amd64"


def mirrored(image: str, registry: str | None) -> str:
    """The image's name in a mirror: `registry`, which may have a path, takes the place of its own registry.

    An image that is in the mirror's registry already keeps its name, as does every image without a mirror.
    """
    own, path = _split(image)
    return image if registry is None or own == registry_of(f"{registry}/") else f"{registry}/{path}"


def is_one_of(image: str, pattern: str) -> bool:
    """Whether an image is one of those that a pattern of shells names by their home, here or in any mirror.

    Names are compared as they are given: both with a tag, or both without.
    """
    return fnmatchcase(image, pattern) or fnmatchcase(image, f"*/{_split(pattern)[1]}")


def _split(image: str) -> tuple[str, str]:
    first, slash, rest = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first, rest if "/" in rest or first != _HUB else f"library/{rest}"
    return _HUB, image if slash else f"library/{image}"
