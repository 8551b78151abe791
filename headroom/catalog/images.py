"""Names of container images: whose registry they are in, and what they are called in a mirror.

Source of the form: distribution/reference, reference.go and normalize.go (the first part of a name is a registry when it has a dot or
a colon or is `localhost`; without one it is Docker Hub's, whose own images lie below `library`).
"""

from __future__ import annotations

from fnmatch import fnmatchcase

_HUB = "docker.io"


def registry_of(image: str) -> str:
    """The registry of an image: its host, with its port where it has one."""
    return _split(image)[0]


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
