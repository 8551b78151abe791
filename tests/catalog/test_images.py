"""Names of images at home and in a mirror."""

from __future__ import annotations

import pytest

from headroom.catalog.engines import ENGINES
from headroom.catalog.engines.model import EngineFamily
from headroom.catalog.images import is_one_of, mirrored, registry_of, repository_and_tag
from tests.evidence import Proof

MIRROR = "registry.example.com/mirror"


@pytest.mark.proves("images from a mirror: servers and what stands beside them", Proof.SCHEMA)
@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("nvcr.io/nvidia/tritonserver:25.06-py3", "nvidia/tritonserver:25.06-py3"),
        ("nvcr.io/nim/meta/llama@sha256:0123", "nim/meta/llama@sha256:0123"),
        ("localhost:5000/a:1", "a:1"),
        ("vllm/vllm-openai:v0.10.0", "vllm/vllm-openai:v0.10.0"),
        ("python:3.13-slim", "library/python:3.13-slim"),
        ("docker.io/traefik:v3.7.11", "library/traefik:v3.7.11"),
        ("docker.io/library/python:3.13-slim", "library/python:3.13-slim"),
    ],
)
def test_a_mirror_takes_the_place_of_the_registry(image: str, name: str) -> None:
    assert mirrored(image, MIRROR) == f"{MIRROR}/{name}"


@pytest.mark.parametrize("image", [f"{MIRROR}/nvidia/tritonserver:25.06-py3", "registry.example.com/speech/own:1"])
def test_an_image_of_the_mirrors_registry_keeps_its_name(image: str) -> None:
    assert mirrored(image, MIRROR) == image


def test_without_a_mirror_every_image_keeps_its_name() -> None:
    assert mirrored("python:3.13-slim", None) == "python:3.13-slim"


@pytest.mark.parametrize(
    ("image", "registry"), [("python", "docker.io"), ("a/b", "docker.io"), ("quay.io/a/b", "quay.io"), ("host:5000/a", "host:5000")]
)
def test_a_registry_is_told_by_its_dot_or_port(image: str, registry: str) -> None:
    assert registry_of(image) == registry


@pytest.mark.parametrize("family", ENGINES.values(), ids=lambda family: family.oldest.name)
def test_an_engine_is_known_by_its_image_in_a_mirror_as_at_home(family: EngineFamily) -> None:
    image = family.oldest.image.replace("*", "meta/llama")
    assert is_one_of(image, family.oldest.image)
    assert is_one_of(mirrored(image, MIRROR), family.oldest.image)


def test_another_image_of_the_same_last_name_is_not_the_engine() -> None:
    assert not is_one_of("registry.example.com/tritonserver", "nvcr.io/nvidia/tritonserver")


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("nvcr.io/nvidia/tritonserver:25.06-py3", "nvcr.io/nvidia/tritonserver"),
        ("nvcr.io/nvidia/tritonserver@sha256:abc", "nvcr.io/nvidia/tritonserver"),
        ("nvcr.io/nvidia/tritonserver:25.06@sha256:abc", "nvcr.io/nvidia/tritonserver"),
        ("localhost:5000/x", "localhost:5000/x"),
        ("x", "x"),
    ],
)
def test_tag_and_digest_do_not_matter(image: str, repository: str) -> None:
    assert repository_and_tag(image)[0] == repository
