"""Every desired object is one that Kubernetes knows, field by field. What a real API server accepts, the sandbox's tests say."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from kubernetes.client import models
from pydantic import ValidationError

from headroom.desired.objects import Object
from tests.desired import schemas
from tests.desired.stacks import every_object, title
from tests.evidence import Proof

OBJECTS = every_object()
OF_KUBERNETES = [item for item in OBJECTS if schemas.is_builtin(item["apiVersion"])]


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("schemas")


def _model(item: Object) -> Any:
    version = item["apiVersion"].rpartition("/")[2]
    return getattr(models, f"{version.capitalize()}{item['kind']}")


@pytest.mark.parametrize("item", OF_KUBERNETES, ids=title)
def test_the_kubernetes_client_knows_every_field(item: Object) -> None:
    _model(item).model_validate(item)


def test_the_kubernetes_client_refuses_a_field_that_there_is_not() -> None:
    item = copy.deepcopy(next(item for item in OF_KUBERNETES if item["kind"] == "Node"))
    item["spec"]["taint"] = []
    with pytest.raises(ValidationError, match="taint"):
        _model(item).model_validate(item)


@pytest.mark.tools
@pytest.mark.proves("every desired object passes the schema of its kind, with no field beside it", Proof.SCHEMA)
@pytest.mark.parametrize("item", OBJECTS, ids=title)
def test_every_object_passes_the_schema_of_its_kind(item: Object, scratch: Path) -> None:
    assert schemas.errors(item, scratch) == []


@pytest.mark.tools
@pytest.mark.parametrize("kind", ["Deployment", "HorizontalPodAutoscaler", "PodMonitor", "PrometheusRule", "ScaledObject"])
def test_the_schema_refuses_a_field_that_there_is_not(kind: str, scratch: Path) -> None:
    item = copy.deepcopy(next(item for item in OBJECTS if item["kind"] == kind))
    item["spec"]["noSuchField"] = 1
    (error,) = schemas.errors(item, scratch)
    assert "noSuchField" in error
