"""Simulator of NVIDIA Triton: KServe v2 over HTTP, its command line, its model repository, its metrics. `python -m …engines.triton`.

Not simulated: gRPC, dynamic batching, sequences, GPU metrics, the statistics extension. A request's answer is its first input.
Sources: kserve/open-inference-protocol; triton-inference-server/server docs/protocol; answers recorded from the real server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import sys
from pathlib import Path
from typing import Any

from headroom.sandbox.engines import exposition
from headroom.sandbox.engines.core import Station, station, until_told_to_end
from headroom.sandbox.engines.http import Request, Response, Server
from headroom.sandbox.engines.triton_arguments import parse
from headroom.sandbox.engines.triton_metrics import CpuGauges, Served, families
from headroom.sandbox.engines.triton_models import LoadFailed, Model, Tensor, load, names

VERSION = "2.59.0"
_MODEL_PATH = re.compile(r"^/v2/models/(?P<model>[^/]+)(?:/versions/(?P<version>[^/]+))?(?:/(?P<what>ready|infer))?$")
_EXTENSIONS = ("model_repository", "schedule_policy", "model_configuration", "parameters")


class Rejected(Exception):
    """A request that Triton refuses before it is queued; such requests are not counted."""


class Triton:
    """The models and who asks for them."""

    def __init__(self, name: str, models: list[Model]) -> None:
        self._name = name
        self.served = {model.name: (model, station(model.instances, model.service_time)) for model in models}

    async def answer(self, request: Request) -> Response:
        if request.path in ("/v2/health/live", "/v2/health/ready"):
            return Response()
        if request.path in ("/v2", "/v2/"):
            return Response.of({"name": self._name, "version": VERSION, "extensions": list(_EXTENSIONS)})
        match = _MODEL_PATH.match(request.path)
        if not match:
            return Response.of({"error": "Not Found"}, 404)
        try:
            return await self._model(match["model"], match["version"], match["what"], request)
        except Rejected as error:
            return Response.of({"error": str(error)}, 400)

    async def _model(self, name: str, version: str | None, what: str | None, request: Request) -> Response:
        found = self.served.get(name)
        if found and version not in (None, found[0].version):
            found = None
        if what == "ready":
            return Response() if found else Response.of({"error": "Model version not ready"}, 400)
        if found is None:
            raise Rejected(f"Request for unknown model: '{name}' is not found")
        if what == "infer":
            return await _infer(*found, request)
        return Response.of(_metadata(found[0]))

    def metrics(self, cpu: CpuGauges | None) -> Response:
        shown = [Served(model.name, queue, model.version) for model, queue in self.served.values()]
        text = exposition.written(families(shown, cpu))
        return Response(200, text.encode(), exposition.CONTENT_TYPE)


async def _infer(model: Model, queue: Station, request: Request) -> Response:
    # A client that sends tensors in binary puts the length of the JSON before them into this header.
    length = int(request.headers.get("inference-header-content-length", len(request.body)))
    try:
        asked = json.loads(request.body[:length])
    except ValueError as error:
        raise Rejected(f"failed to parse the request JSON buffer: {error}") from None
    given = {tensor.get("name"): tensor for tensor in asked.get("inputs") or []}
    _check(model, given, asked.get("id") or "<id_unknown>")
    await queue.serve()
    first = given[model.inputs[0].name] if model.inputs else {}
    identity = {"id": asked["id"]} if asked.get("id") else {}
    outputs = [_output(tensor, first) for tensor in model.outputs]
    return Response.of({**identity, "model_name": model.name, "model_version": model.version, "outputs": outputs})


def _check(model: Model, given: dict[str, dict[str, Any]], identity: str) -> None:
    prefix = f"[request id: {identity}]"
    missing = [tensor.name for tensor in model.inputs if tensor.name not in given]
    if missing:
        raise Rejected(
            f"{prefix} expected {len(model.inputs)} inputs but got {len(given)} inputs for model '{model.name}'. Got input(s) "
            f"{list(given)}, but missing required input(s) {missing}. Please provide all required input(s)."
        )
    for tensor in model.inputs:
        datatype, shape = given[tensor.name].get("datatype"), given[tensor.name].get("shape") or []
        if datatype != tensor.datatype:
            raise Rejected(
                f"{prefix} inference input '{tensor.name}' data-type is '{datatype}', but model '{model.name}' expects '{tensor.datatype}'"
            )
        expected = [*([-1] if model.max_batch_size else []), *tensor.dims]
        if len(shape) != len(expected) or any(want not in (-1, got) for want, got in zip(expected, shape, strict=True)):
            raise Rejected(
                f"{prefix} unexpected shape for input '{tensor.name}' for model '{model.name}'. Expected {expected}, got {shape}. "
            )


def _output(tensor: Tensor, first: dict[str, Any]) -> dict[str, Any]:
    """The input's values where they fit, else zeros."""
    if first.get("datatype") == tensor.datatype and "data" in first:
        shape, data = first["shape"], first["data"]
    else:
        shape = [max(1, size) for size in tensor.dims]
        data = [0] * math.prod(shape)
    return {"name": tensor.name, "datatype": tensor.datatype, "shape": shape, "data": data}


def _metadata(model: Model) -> dict[str, Any]:
    def tensors(of: tuple[Tensor, ...]) -> list[dict[str, Any]]:
        batch = [-1] if model.max_batch_size else []
        return [{"name": tensor.name, "datatype": tensor.datatype, "shape": [*batch, *tensor.dims]} for tensor in of]

    return {
        "name": model.name,
        "versions": [model.version],
        "platform": model.backend,
        "inputs": tensors(model.inputs),
        "outputs": tensors(model.outputs),
    }


def load_all(options: argparse.Namespace) -> list[Model]:
    """The models of all repositories. Raises `LoadFailed` for the first that cannot be loaded, unless that is to be no error."""
    models: list[Model] = []
    for repository in map(Path, options.model_repository):
        for name in names(repository):
            if options.model_control_mode == "explicit" and name not in options.load_model and "*" not in options.load_model:
                continue
            try:
                models.append(load(repository, name))
            except LoadFailed as error:
                print(f"E {error}", file=sys.stderr)
                if options.exit_on_error:
                    raise LoadFailed("failed to load all models") from error
    return models


async def serve(options: argparse.Namespace) -> int:
    """Until it is told to end; then running requests have `--exit-timeout-secs`. The exit status."""
    try:
        triton = Triton(options.id, load_all(options))
    except LoadFailed as error:
        print(f"error: creating server: Internal - {error}", file=sys.stderr)
        return 1
    cpu = CpuGauges() if options.allow_cpu_metrics else None

    async def metrics(request: Request) -> Response:
        return triton.metrics(cpu) if request.path == "/metrics" else Response.of({"error": "Not Found"}, 404)

    inference, metrics_server = Server(triton.answer), Server(metrics)
    if options.allow_http:
        await inference.start(options.http_address, options.http_port)
    if options.allow_metrics:
        await metrics_server.start(options.metrics_address or options.http_address, options.metrics_port)
    print(f"simulator of Triton {VERSION}: serves {', '.join(triton.served) or 'no model'}; gRPC is not served", flush=True)
    await until_told_to_end()
    print("Signal received. Waiting for in-flight requests to complete.", flush=True)
    finished = await inference.end(options.exit_timeout_secs)
    await metrics_server.end(0)
    return 0 if finished else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(parse(sys.argv[1:]))))
