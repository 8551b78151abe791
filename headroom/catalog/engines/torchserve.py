"""TorchServe (its repository has been archived since August 2025; 0.12.0 is the last release).

Sources: pytorch/serve docs/configuration.md, management_api.md, inference_api.md, metrics.md, ts/configs/metrics.yaml,
docker/Dockerfile; and TorchServe 0.12.0 from PyPI, watched: /ping answers 200 while the first worker still loads, scaling down ends a
removed worker in the middle of its request (HTTP 500 "Worker died."), SIGTERM ends requests at once and the process some seconds later,
refused requests count as received, and a model's series begin with its first request.
"""

from __future__ import annotations

import re

from headroom.catalog.engines.beside import Sidecar
from headroom.catalog.engines.model import Engine, EngineFamily, Health, Metric, MetricType, Outcome, Port, SignalSource
from headroom.catalog.engines.needs import Option, jmeter_of_predictions

_HOST = ("Level", "Hostname")
_MODEL = ("model_name", "model_version", "hostname")
_CONFIGURATION = "/etc/torchserve/config.properties"
_READY = "/etc/torchserve/ready.py"

# A model's counters are not there before its first request: in a pod with a worker that has loaded and served nobody, nobody waited.
_IDLE = "or WorkerLoadTime{$selector} * 0"
_WAITED = f"rate(ts_queue_latency_microseconds{{$selector}}[$window]) / 1e6 {_IDLE}"
_RECEIVED = "rate(ts_inference_requests_total{$selector}[$window])"

# Without addresses everything is bound to the pod's loopback, without metrics_mode there is no series. The management API stays there:
# it has no password, and only this pod's own containers are to reach it. Tokens are off, because /ping would want one too, the keys
# change every hour, and nobody outside the container can read them.
_PROPERTIES = """\
inference_address=http://0.0.0.0:8080
management_address=http://127.0.0.1:8081
metrics_address=http://0.0.0.0:8082
grpc_inference_address=0.0.0.0
grpc_management_address=127.0.0.1
enable_metrics_api=true
metrics_mode=prometheus
disable_token_authorization=true
model_store=$models
load_models=all
default_workers_per_model=$workers
default_response_timeout=$responseTimeout
job_queue_size=$jobQueueSize
"""

# A worker that loads counts in /ping: it would call a pod ready that lets its first requests wait for the whole load.
_PROBE = """\
import http.client, json, sys
api = http.client.HTTPConnection("127.0.0.1", 8081, timeout=4)
try:
    api.request("GET", "/models/$model")
    answer = api.getresponse()
    text = answer.read().decode()
    if answer.status != 200:
        sys.exit(f"the management API answers {answer.status}: {' '.join(text.split())}")
    states = [worker["status"] for worker in json.loads(text)[0]["workers"]]
except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError) as error:
    sys.exit(f"the management API does not tell the model's workers: {error!r}")
if "READY" not in states:
    sys.exit(f"none of the model's {len(states)} workers has loaded")
"""

# A shell as process 1, because Python's would not hear SIGTERM; `wait` twice, because a trap ends the first.
_START = (
    f"trap 'torchserve --stop' TERM; torchserve --start --foreground --no-config-snapshots --ts-config {_CONFIGURATION} \"$$@\" & "
    "wait $$!; wait $$!"
)

WORKER_SCALER = Sidecar(
    name="worker-scaler",
    switch="scaleWorkers",
    package="headroom.worker_scaler",
    image="docker.io/library/python:3.13-slim",
    environment={
        "SCALER_MODEL": "$model",
        "SCALER_CONTAINER": "torchserve",
        "SCALER_PERIOD": "$scalerPeriod",
        "SCALER_MIN_WORKERS": "$workers",
        "SCALER_MAX_WORKERS": "$maxWorkers",
        "SCALER_PENDING_PER_WORKER": "$pendingPerWorker",
        "SCALER_QUIET": "$quiet",
        "SCALER_MEMORY": "$memory",
        "SCALER_MEMORY_PER_WORKER": "$memoryPerWorker",
        "SCALER_GPU_MEMORY": "$gpuMemory",
        "SCALER_GPU_MEMORY_PER_WORKER": "$gpuMemoryPerWorker",
    },
    rules=(
        {"apiGroups": ("",), "resources": ("pods",), "verbs": ("get",)},
        {"apiGroups": ("",), "resources": ("pods/resize",), "verbs": ("patch",)},
    ),
    resizes=True,
)

TORCHSERVE = EngineFamily(
    ended="archived since August 2025; 0.12.0 is the last release",
    oldest=Engine(
        name="torchserve",
        title="TorchServe",
        image="pytorch/torchserve",
        version=(0, 10, 0),
        command=("sh", "-c"),
        arguments=(_START, "torchserve"),
        ports=(
            Port("http", 8080, "http"),
            Port("grpc", 7070, "kubernetes.io/h2c"),
            Port("metrics", 8082, "http", exposed=False),
            Port("management", 8081, "http", exposed=False, guarded=True),
        ),
        health=Health(port="http", ready="/ping", live="/ping", ready_command=("python", _READY)),
        metrics_port="metrics",
        metrics_path="/metrics",
        # default_startup_timeout of a worker is 120 s; the image is some GB and the archive is unpacked first.
        startup_seconds=600,
        # It ends requests at once on SIGTERM: they must be over before, while the container's preStop sleeps.
        exit_seconds=10,
        user=1000,
        model_directory="/home/model-server/model-store",
        shared_memory=True,
        # Only three of its families name a model, and what waits is counted over all of a pod's: they share its GPU.
        model_label=None,
        metrics=(
            Metric("ts_inference_requests_total", MetricType.COUNTER, "requests", _MODEL),
            Metric("ts_inference_latency_microseconds", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("ts_queue_latency_microseconds", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("Requests2XX", MetricType.COUNTER, "requests", _HOST),
            Metric("Requests4XX", MetricType.COUNTER, "requests", _HOST),
            Metric("Requests5XX", MetricType.COUNTER, "requests", _HOST),
            Metric("QueueTime", MetricType.GAUGE, "milliseconds", _HOST),
            Metric("WorkerThreadTime", MetricType.GAUGE, "milliseconds", _HOST),
            Metric("WorkerLoadTime", MetricType.GAUGE, "milliseconds", ("WorkerName", *_HOST)),
            Metric("CPUUtilization", MetricType.GAUGE, "percent", _HOST),
            Metric("MemoryUsed", MetricType.GAUGE, "megabytes", _HOST),
            Metric("MemoryAvailable", MetricType.GAUGE, "megabytes", _HOST),
            Metric("MemoryUtilization", MetricType.GAUGE, "percent", _HOST),
            Metric("GPUUtilization", MetricType.GAUGE, "percent", ("Level", "DeviceId", "Hostname")),
            Metric("GPUMemoryUsed", MetricType.GAUGE, "megabytes", ("Level", "DeviceId", "Hostname")),
            Metric("GPUMemoryUtilization", MetricType.GAUGE, "percent", ("Level", "DeviceId", "Hostname")),
            Metric("HandlerTime", MetricType.GAUGE, "milliseconds", ("ModelName", *_HOST)),
            Metric("PredictionTime", MetricType.GAUGE, "milliseconds", ("ModelName", *_HOST)),
        ),
        signals={
            # Time spent waiting per second is how many wait: Little's law. It adds up over pods and needs no count of requests.
            "queue-length": SignalSource(_WAITED),
            # Waits are credited when a request is done and the requests when they come: while a line grows this reads too little.
            "queue-time": SignalSource(_WAITED, f"{_RECEIVED} {_IDLE}"),
        },
        # No family counts what was answered by model: refused requests are among those received.
        outcome=Outcome(
            answered=_RECEIVED,
            failed="rate(Requests5XX{$selector}[$window])",
            seconds="rate(ts_inference_latency_microseconds{$selector}[$window]) / 1e6",
        ),
        environment={"LOG_LOCATION": "/tmp/logs", "METRICS_LOCATION": "/tmp/logs", "TEMP": "/tmp"},
        files={_CONFIGURATION: _PROPERTIES, _READY: _PROBE},
        options={
            "workers": Option(1, "workers of each model in a new replica, and the fewest of `model`", 1, 64),
            "jobQueueSize": Option(100, "requests of a model that may wait in a replica; further ones get HTTP 503", 1),
            "responseTimeout": Option(120, "seconds after which a worker that does not answer is started anew", 1),
            "scaleWorkers": Option(False, "whether the workers of `model` follow the requests that wait in their replica"),
            "maxWorkers": Option(4, "the most workers of `model` in a replica: where one GPU serves no more with a further one", 1, 64),
            "pendingPerWorker": Option(2, "requests in line per worker that are still fine", 0),
            "quiet": Option(300, "seconds without a request until workers are removed: more than the longest request takes", 1),
            "memoryPerWorker": Option("3Gi", "memory that one more worker takes, measured: resident size of its process"),
            "gpuMemory": Option(
                0, "MiB of GPU memory that the workers of a replica may take together (a MIG slice's, say); 0: no bound", 0
            ),
            "gpuMemoryPerWorker": Option(0, "MiB of GPU memory that one worker takes, measured; 0: no bound", 0),
            "scalerPeriod": Option(5, "seconds between two looks at the requests that wait", 1, 60),
        },
        needs_model=True,
        client=jmeter_of_predictions(),
        sidecar=WORKER_SCALER,
    ),
    newest=(0, 12, 0),
    tag=re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-[a-z0-9.-]+)?"),
)
