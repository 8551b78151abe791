"""Simulator of TorchServe: inference, management and metrics APIs, `config.properties`, workers. `python -m …engines.torchserve`.

Not simulated: gRPC, batching, workflows, registering models, tokens (with authorization on, nobody has one). A request's answer is its
own body. Sources: docs/management_api.md, inference_api.md, configuration.md of pytorch/serve; answers recorded from TorchServe 0.12.0.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from headroom.sandbox.engines import exposition
from headroom.sandbox.engines.core import SERVICE_TIME, duration, until_told_to_end
from headroom.sandbox.engines.http import Handler, Request, Response, Server
from headroom.sandbox.engines.torchserve_config import Configuration, Misconfigured, ModelConfiguration, configuration, parse
from headroom.sandbox.engines.torchserve_metrics import families
from headroom.sandbox.engines.torchserve_workers import Costs, Model, NoWorkers, QueueFull, ScaledDown, Worker

VERSION = "0.12.0"
_PID_FILE = Path(tempfile.gettempdir(), ".model_server.pid")
_MANIFEST = "MAR-INF/MANIFEST.json"
_PREDICTIONS = re.compile(r"^/predictions/(?P<model>[^/]+)(?:/(?P<version>[^/]+))?$")
_MODELS = re.compile(r"^/models/(?P<model>[^/]+)(?:/(?P<version>[^/]+))?$")
_NO_WORKER = (
    'Model "{}" has no worker to serve inference request. Please use scale workers API to add workers. If this is a sequence inference,'
    " please check if it is closed, or expired; or exceeds maxSequenceJobQueueSize"
)
_WRONG_TOKEN = "Token Authorization failed. Token either incorrect, expired, or not provided correctly"


class TorchServe:
    """The models, and who asks for them."""

    def __init__(self, told: Configuration, models: list[Model], costs: Costs) -> None:
        self._told = told
        self._costs = costs
        self._answers: Counter[int] = Counter()
        self.models = {model.name: model for model in models}

    def counted(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            response = await handler(request)
            self._answers[response.status // 100] += 1
            return response

        return answer

    async def inference(self, request: Request) -> Response:
        if self._told.token_authorization:
            return _error(400, "InvalidKeyException", _WRONG_TOKEN)
        if request.path == "/ping":
            healthy = all(model.healthy for model in self.models.values())
            return _json({"status": "Healthy" if healthy else "Unhealthy"}, 200 if healthy else 500)
        match = _PREDICTIONS.match(request.path)
        if not match:
            return _not_found(request)
        model = self.models.get(match["model"])
        return await _predicted(model, request) if model else _no_model(match["model"])

    async def management(self, request: Request) -> Response:
        if self._told.token_authorization:
            return _error(400, "InvalidKeyException", _WRONG_TOKEN)
        if (request.method, request.path.rstrip("/")) == ("GET", "/models"):
            return _json({"models": [{"modelName": name, "modelUrl": name} for name in self.models]})
        match = _MODELS.match(request.path)
        if not match:
            return _not_found(request)
        model = self.models.get(match["model"])
        if model is None:
            return _no_model(match["model"])
        if request.method == "GET":
            return _json([_description(model, self._costs)])
        if request.method == "PUT":
            return await _scaled(model, {key: values[-1] for key, values in parse_qs(request.query).items()})
        return _error(405, "MethodNotAllowedException", "Requested method is not allowed, please refer to API document.")

    async def metrics(self, request: Request) -> Response:
        if request.path != "/metrics":
            return _not_found(request)
        shown = families(self.models.values(), self._answers, self._costs.load_seconds) if self._told.prometheus else []
        return Response(200, exposition.written(shown).encode(), exposition.CONTENT_TYPE)


async def _predicted(model: Model, request: Request) -> Response:
    try:
        await model.serve()
    except (NoWorkers, QueueFull):
        # The real server's sentence too is the same for a full queue.
        return _error(503, "ServiceUnavailableException", _NO_WORKER.format(model.name))
    except ScaledDown:
        return _error(500, "InternalServerException", "Worker died.")
    return Response(200, request.body)


async def _scaled(model: Model, query: Mapping[str, str]) -> Response:
    minimum = _integer(query.get("min_worker"), 1)
    maximum = _integer(query.get("max_worker"), minimum)
    if maximum < minimum:
        return _error(400, "BadRequestException", "max_worker cannot be less than min_worker.")
    model.scale(minimum, maximum)
    if query.get("synchronous") != "true":
        return _json({"status": "Processing worker updates..."}, 202)
    await model.settled()
    return _json({"status": f"Workers scaled to {minimum} for model: {model.name}"})


def _integer(text: str | None, default: int) -> int:
    """The real server takes what is no number for nothing said."""
    return int(text) if text and re.fullmatch(r"-?\d+", text) else default


def _description(model: Model, costs: Costs) -> dict[str, Any]:
    return {
        "modelName": model.name,
        "modelVersion": model.version,
        "modelUrl": model.name,
        "runtime": "python",
        "minWorkers": model.minimum,
        "maxWorkers": model.maximum,
        "batchSize": 1,
        "maxBatchDelay": 100,
        "loadedAtStartup": True,
        "workers": [_worker(worker, costs) for worker in model.workers],
        "jobQueueStatus": {"remainingCapacity": max(0, model.queue_size - model.pending), "pendingRequests": model.pending},
    }


def _worker(worker: Worker, costs: Costs) -> dict[str, Any]:
    return {
        "id": str(worker.number),
        "startTime": worker.started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "status": worker.status,
        "memoryUsage": costs.memory * 2**20 if worker.ready else 0,
        "pid": os.getpid(),
        "gpu": False,
        "gpuUsage": "N/A",
    }


def _json(content: object, status: int = 200) -> Response:
    return Response(status, (json.dumps(content, indent=2) + "\n").encode(), "application/json")


def _error(status: int, kind: str, message: str) -> Response:
    return _json({"code": status, "type": kind, "message": message}, status)


def _no_model(name: str) -> Response:
    return _error(404, "ModelNotFoundException", f"Model not found: {name}")


def _not_found(_: Request) -> Response:
    return _error(404, "ResourceNotFoundException", "Requested resource is not found, please refer to API document.")


def load(told: Configuration, costs: Costs) -> list[Model]:
    """The models of the store that are to be loaded. Raises `Misconfigured`."""
    everything = {manifest["model"]["modelName"]: manifest for manifest in _manifests(told.model_store)}
    names = list(everything) if told.load_models == ("all",) else [Path(name).stem for name in told.load_models]
    if unknown := [name for name in names if name not in everything]:
        raise Misconfigured(f"Failed to load model: {', '.join(unknown)}: model archive not found in {told.model_store}")
    return [_model(everything[name], told, costs) for name in names]


def _model(manifest: Mapping[str, Any], told: Configuration, costs: Costs) -> Model:
    name = manifest["model"]["modelName"]
    said = told.models.get(name, ModelConfiguration())
    model = Model(name, str(manifest["model"].get("modelVersion", "1.0")), costs, told.job_queue_size)
    model.minimum = said.min_workers or told.default_workers
    model.maximum = max(model.minimum, said.max_workers or model.minimum)
    return model


def _manifests(store: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted(store.iterdir()):
        if path.suffix == ".mar":
            with zipfile.ZipFile(path) as archive:
                found.append(json.loads(archive.read(_MANIFEST)))
        elif (path / _MANIFEST).is_file():
            found.append(json.loads((path / _MANIFEST).read_text()))
    return found


def costs(environment: Mapping[str, str]) -> Costs:
    """100 ms a request, a load of 1 s, 16 MiB a worker and a GPU that feeds 3, unless the pod's annotations say otherwise."""
    return Costs(
        seconds=duration(environment.get(SERVICE_TIME, "100ms")),
        load_seconds=duration(environment.get("SANDBOX_WORKER_LOAD_TIME", "1s")),
        memory=int(environment.get("SANDBOX_WORKER_MEMORY", "16Mi").removesuffix("Mi")),
        knee=int(environment.get("SANDBOX_GPU_KNEE", "3")),
    )


async def serve(told: Configuration, models: list[Model], cost: Costs) -> int:
    """Until it is told to end. The exit status."""
    engine = TorchServe(told, models, cost)
    handlers = {"inference": engine.inference, "management": engine.management, **({"metrics": engine.metrics} if told.metrics else {})}
    servers = [(Server(engine.counted(handler)), told.addresses[api]) for api, handler in handlers.items()]
    for server, address in servers:
        await server.start(*address)
    for model in models:
        model.scale(model.minimum, model.maximum)
    _PID_FILE.write_text(str(os.getpid()))
    print(f"simulator of TorchServe {VERSION}: serves {', '.join(engine.models) or 'no model'}; gRPC is not served", flush=True)
    await until_told_to_end()
    # The real server does not wait either: whoever is still served is cut off.
    for server, _ in servers:
        await server.end(0)
    return 0


def stop() -> int:
    """`torchserve --stop`, from another process of the container."""
    try:
        os.kill(int(_PID_FILE.read_text()), signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError):
        print("TorchServe is not currently running.")
        return 0
    _PID_FILE.unlink(missing_ok=True)
    print("TorchServe has stopped.")
    return 0


def main() -> int:
    options = parse(sys.argv[1:])
    if options.version:
        print(f"TorchServe Version is {VERSION}")
        return 0
    if options.stop:
        return stop()
    try:
        told, cost = configuration(options, os.environ), costs(os.environ)
        models = load(told, cost)
    except Misconfigured as error:
        print(error, file=sys.stderr)
        return 1
    return asyncio.run(serve(told, models, cost))


if __name__ == "__main__":
    sys.exit(main())
