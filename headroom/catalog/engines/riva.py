"""NVIDIA Riva: speech services in front of a Triton that runs in the same container.

Sources: the chart riva-api 2.14.0 (ports, probes, secrets, model store, `download_and_deploy_ngc_models`), nvidia-riva/tutorials
deploy-eks.md (how long the first deployment takes), Riva's user guide (pipelines and their chunk sizes, clients in the server's image),
nvidia-riva/cpp-clients riva/clients/asr/riva_streaming_asr_client.cc. Metrics are those of Triton (triton-inference-server/core
src/metric_model_reporter.cc). GPUs: docs.nvidia.com/deeplearning/riva support-matrix (Volta and later; 16 GB are recommended, not
required). Its images for ARM are Jetson's, whose tags say l4t-aarch64.
"""

from __future__ import annotations

import re
from dataclasses import replace

from headroom.catalog.engines.model import Engine, EngineFamily, GrpcHealth, Outcome, Port, SignalSource
from headroom.catalog.engines.needs import Cache, Client, GpuNeed, Option, Preparation, SecretUse
from headroom.catalog.engines.triton import TRITON

# A pipeline is several Triton models, and every chunk of audio is a request to each. Only the acoustic model waits for the GPU: with
# the other models' requests in the denominator a wait would shrink to a fraction of itself.
_ACOUSTIC = '$selector, model=~"riva-.+-am-.+"'
_QUEUE = f"rate(nv_inference_queue_duration_us{{{_ACOUSTIC}}}[$window]) / 1e6"
_CHUNKS = f"rate(nv_inference_request_success{{{_ACOUSTIC}}}[$window])"

# The releases in which Triton began to show something are Triton's own, and say nothing of Riva's.
_TRITON_METRICS = tuple(replace(metric, since=None) for metric in TRITON.oldest.metrics if not metric.name.startswith("nv_pinned"))

RIVA = EngineFamily(
    oldest=Engine(
        name="riva",
        title="Riva",
        image="nvcr.io/nvidia/riva/riva-speech",
        version=(2, 14, 0),
        command=("/opt/riva/bin/start-riva",),
        arguments=(
            "--asr_service=$asr",
            "--nlp_service=$nlp",
            "--nmt_service=$nmt",
            "--tts_service=$tts",
        ),
        ports=(
            Port("speech-grpc", 50051, "kubernetes.io/h2c"),
            Port("http", 8000, "http", exposed=False),
            Port("grpc", 8001, "kubernetes.io/h2c", exposed=False),
            Port("metrics", 8002, "http", exposed=False),
        ),
        health=GrpcHealth("speech-grpc"),
        metrics_port="metrics",
        metrics_path="/metrics",
        # Of a server whose models are in its store; 13 minutes were seen on a small machine.
        startup_seconds=900,
        exit_seconds=30,
        user=1000,
        model_directory="/data/models",
        shared_memory=True,
        model_label="model",
        environment={"TRTIS_MODEL_STORE": "$cache/models"},
        needs_models=False,
        options={
            "artifacts": Option(
                "nvidia/riva/rmir_asr_conformer_en_us_str:2.19.0", "artifacts of NGC to deploy, separated by spaces: org/team/name:version"
            ),
            "chunk": Option(
                160,
                "milliseconds of audio that a pipeline computes at a time, as it was built: 160 for low latency, 800 for throughput",
                20,
            ),
            "asr": Option(True, "whether speech is recognized"),
            "nlp": Option(False, "whether texts are analysed"),
            "nmt": Option(False, "whether texts are translated"),
            "tts": Option(False, "whether speech is synthesized"),
        },
        secrets=(
            SecretUse("ngc", "modelpullsecret", "apikey", variable="NGC_CLI_API_KEY"),
            SecretUse("riva-model-deploy", "riva-model-deploy-key", "key", variable="MODEL_DEPLOY_KEY"),
        ),
        registry="nvcr.io",
        cache=Cache("/data", "the models of its pipelines"),
        preparation=Preparation(
            command=("bash", "-c"),
            arguments=("exec download_and_deploy_ngc_models $artifacts",),
            key=("artifacts",),
            # The first deployment can take an hour or more: the models are compiled for the GPU.
            seconds=3 * 3600,
            gpus=True,
        ),
        client=Client(
            command=("riva_streaming_asr_client",),
            arguments=(
                "--riva_uri=$host:50051",
                "--audio_file=/opt/riva/wav/en-US_sample.wav",
                # Without it audio is sent as fast as it is taken: many more streams than it says.
                "--simulate_realtime=true",
                "--num_parallel_requests=$concurrency",
                "--num_iterations=1024",
            ),
        ),
        metrics=_TRITON_METRICS,
        signals={
            "queue-time": SignalSource(_QUEUE, _CHUNKS),
            "queue-length": SignalSource("rate(nv_inference_queue_duration_us{$selector}[$window]) / 1e6"),
            "requests-waiting": SignalSource("nv_inference_pending_request_count{$selector}"),
            "queue-compute-ratio": SignalSource(
                _QUEUE, f"rate(nv_inference_compute_infer_duration_us{{{_ACOUSTIC}}}[$window]) / 1e6", floor=0.000001
            ),
            # A stream in real time brings one chunk per chunk's length, and each is one request.
            "streams": SignalSource(f"{_CHUNKS} * $chunk / 1000"),
        },
        outcome=Outcome(
            answered=_CHUNKS,
            failed="rate(nv_inference_request_failure{$selector}[$window])",
            seconds=f"rate(nv_inference_request_duration_us{{{_ACOUSTIC}}}[$window]) / 1e6",
        ),
        gpu=GpuNeed((7, 0)),
        architectures=("amd64",),
    ),
    newest=(2, 19, 0),
    tag=re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-[a-z0-9.-]+)?"),
)
