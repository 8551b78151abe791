"""What an engine needs beside its process: secrets, files, a place for its weights, a preparation, settings of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

from headroom.catalog.gpus import Capability


@dataclass(frozen=True)
class SecretUse:
    """One key of a Secret that the engine reads, made from the stack's `credentials`.

    The Secret is called `<server>-<secret>`; `key` is the exact key that the engine's own documentation names. The value reaches the
    container as the environment variable `variable`, as the file `file`, or both.
    """

    credential: str
    secret: str
    key: str
    variable: str | None = None
    file: str | None = None
    required: bool = True


@dataclass(frozen=True)
class GpuNeed:
    """The least GPU that the engine starts on, as far as a source says; what its models take comes on top."""

    capability: Capability = (0, 0)
    memory_mib: int = 0


@dataclass(frozen=True)
class Cache:
    """A directory that the engine fills when it starts, or that a preparation fills for it."""

    path: str
    holds: str
    """What it keeps, for the reader of a message: `weights`, `engines and model repository`."""


@dataclass(frozen=True)
class Client:
    """A load generator that is published for the engine. In `arguments`, `$host` is the server's address, `$model` its model and
    `$concurrency` the load's. Its image has a shell."""

    command: tuple[str, ...]
    arguments: tuple[str, ...]
    image: str | None = None
    """Where it is not in the engine's own image."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Files of its container by path, as they stand: they may have dollars of their own."""


_TRITON_SDK = "nvcr.io/nvidia/tritonserver:24.10-py3-sdk"


def perf_analyzer(port: int) -> Client:
    """Perf Analyzer against KServe's protocol over HTTP, with inputs that it makes up.

    Source: triton-inference-server/perf_analyzer docs/quick_start.md (its image), docs/cli.md.
    """
    return Client(
        image=_TRITON_SDK,
        command=("perf_analyzer",),
        arguments=("-m", "$model", "-u", f"$host:{port}", "--concurrency-range", "$concurrency"),
    )


_TOKENS = ("--streaming", "--concurrency", "$concurrency", "--synthetic-input-tokens-mean", "200", "--output-tokens-mean", "200")


def genai_perf(port: int) -> Client:
    """GenAI-Perf against an OpenAI API: 200 tokens in, 200 out, as NVIDIA's own recipe for autoscaling NIM measures.

    It wants the model's `--tokenizer`, and Hugging Face's token where that is gated. Source: triton-inference-server/perf_analyzer
    genai-perf/README.md; its successor AIPerf takes most of the same arguments.
    """
    asked = ("profile", "-m", "$model", "--service-kind", "openai", "--endpoint-type", "chat", "-u", f"$host:{port}")
    return Client(image=_TRITON_SDK, command=("genai-perf",), arguments=(*asked, *_TOKENS, "--extra-inputs", "ignore_eos:true"))


def genai_perf_of_ensemble(port: int) -> Client:
    """The same against TensorRT-LLM's ensemble in Triton, over gRPC, with the tokenizer of the model on Hugging Face.

    Source: triton-inference-server/tutorials Deployment/Kubernetes/EKS_Multinode_Triton_TRTLLM.
    """
    asked = ("profile", "-m", "ensemble", "--service-kind", "triton", "--backend", "tensorrtllm", "-u", f"$host:{port}")
    return Client(image=_TRITON_SDK, command=("genai-perf",), arguments=(*asked, *_TOKENS, "--tokenizer", "$model"))


_JMETER = "docker.io/justb4/jmeter:5.5"
_PLAN, _BODY = "/etc/jmeter/plan.jmx", "/etc/jmeter/body.json"


def jmeter_of_predictions() -> Client:
    """Apache JMeter without its window, on a plan of predictions without end: users of `torchserve.jmx` ask one request after the other.

    Apache publishes no image. This one is JMeter's own archive on Alpine with a shell, `jmeter` on its PATH, and readable by every user.
    Sources: justb4/docker-jmeter Dockerfile; JMeter's user manual, get-started.html#non_gui and #override (`-n`, `-t`, `-J`), and
    component_reference.html; pytorch/serve docs/inference_api.md (path of a prediction).
    """
    plan = (resources.files("headroom.catalog.engines") / "torchserve.jmx").read_text()
    return Client(
        image=_JMETER,
        command=("jmeter",),
        arguments=("-n", "-t", _PLAN, "-Jhost=$host", "-Jmodel=$model", "-Jusers=$concurrency", f"-Jbody={_BODY}"),
        files={_PLAN: plan, _BODY: "[1.0, 2.0]"},
    )


@dataclass(frozen=True)
class Option:
    """A setting that only this engine has. Its type is its default's."""

    default: str | int | bool
    description: str
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServedAs:
    """Where a user may give the model another name for requests and metrics. Of several names metrics have the first."""

    argument: str
    """Its names follow it. It counts where both are given."""
    variable: str | None = None
    """Its names have commas between them."""


@dataclass(frozen=True)
class Preparation:
    """A Job that fills the cache before any replica starts, so that adding a replica never waits for it.

    It runs the server's own image. `key` names the facts that make its result another one; they are in the Job's name.
    """

    command: tuple[str, ...]
    arguments: tuple[str, ...]
    key: tuple[str, ...]
    seconds: int
    """How long it may take."""
    gpus: bool = False
    """Whether it computes on the GPUs that a replica has."""


@dataclass(frozen=True)
class Nodes:
    """How the ranks of a replica come to several nodes: rank 0 runs in the first pod of its group, which starts the others in theirs.

    `$hosts` in `arguments` are the group's pods with the GPUs of each, as `NAME:GPUS,…`.
    """

    arguments: tuple[str, ...]
    """What the launcher is told beside the ranks."""
    worker: tuple[str, ...]
    """Command of the other pods, which only wait to be told."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Files of the first pod by path, executable."""


@dataclass(frozen=True)
class Ranks:
    """One process for each GPU of a replica, under MPI: the launcher, then a section for each rank. `$rank` is a rank's number."""

    launcher: tuple[str, ...]
    section: tuple[str, ...]
    """What stands before a rank's command."""
    separator: str
    first: tuple[str, ...]
    """Arguments of rank 0, which serves."""
    others: tuple[str, ...]
    """Arguments of all others."""
    nodes: Nodes | None = None
    """None for an engine whose replica stays on one node."""
