"""What a container is started with, of all that its manifest and its image say."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from headroom.sandbox.async_api import Api
from headroom.sandbox.kubelet.downward import Place
from headroom.sandbox.kubelet.preparation import prepare
from headroom.sandbox.kubelet.runtime import Launch
from headroom.sandbox.kubelet.runtimes import machine_tools


def launch(**container: Any) -> Launch:
    main = {"name": "main", "image": "sandbox.headroom.dev/tools", **container}
    pod = {"metadata": {"name": "demo-0", "namespace": "n", "uid": "u"}, "spec": {"containers": [main]}}
    here = Path("/nowhere")
    return asyncio.run(prepare(cast("Api", None), pod, main, machine_tools(), here, here, Place("10.244.1.1", "10.244.0.1", {}), [], True))


@pytest.mark.parametrize("known_to_the_runtime", ["HOSTNAME", "HOME", "PATH", "SANDBOX_IMAGE"])
def test_a_reference_to_what_only_a_container_runtime_knows_stays_as_it_is(known_to_the_runtime: str) -> None:
    reference = f"$({known_to_the_runtime})"
    made = launch(command=["echo", reference], env=[{"name": "A", "value": reference}])
    assert (made.argv, made.env["A"]) == (["echo", reference], reference)
    assert known_to_the_runtime in made.env


@pytest.mark.parametrize("name", ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"])
def test_a_reference_to_the_api_server_is_expanded(name: str) -> None:
    reference = f"$({name})"
    made = launch(command=["echo", reference], env=[{"name": "A", "value": reference}])
    assert made.argv == ["echo", made.env["A"]] == ["echo", made.env[name]]


def test_a_reference_to_a_variable_of_the_container_is_expanded_also_where_it_hides_one_of_the_runtime() -> None:
    assert launch(command=["echo"], args=["$(HOME)"], env=[{"name": "HOME", "value": "/models"}]).argv == ["echo", "/models"]
