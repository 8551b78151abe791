"""Which images the sandbox can run, and how: the real program from a wheel, a simulator of this project, or nothing at all.

No image is ever pulled. An image that is not in the table waits with `ErrImagePull` and an event that lists those that are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from headroom import tools
from headroom.catalog.images import is_one_of, repository_and_tag
from headroom.sandbox.kubelet import language_models, pytriton, speech, tensorrt_llm, torchserve
from headroom.sandbox.kubelet.runtimes import Runtime, machine_tools, simulated, waiting


@dataclass(frozen=True)
class Image:
    """How a repository's images run: by `real` where this machine has the program, else by `stand_in`."""

    stand_in: Callable[[], Runtime]
    real: Callable[[], Runtime | None] | None = None
    engine: str | None = None
    tool: str | None = None
    """The tool that the real program is, where the sandbox builds it for a stack that has the image."""

    def runtime(self, simulate: bool) -> Runtime:
        return (None if simulate or self.real is None else self.real()) or self.stand_in()


def _provided() -> Runtime:
    """The sandbox runs this program itself, on the configuration that the container would have had."""
    return Runtime(title="provided by the sandbox", provided=True)


def _triton() -> Runtime:
    return simulated("triton", "tritonserver", f"{pytriton.HOME}/bin")


def _real_triton() -> Runtime | None:
    programs = tools.find("triton")
    return pytriton.runtime(programs) if programs else None


IMAGES: Mapping[str, Image] = {
    "nvcr.io/nvidia/tritonserver": Image(_triton, _real_triton, engine="triton", tool="triton"),
    "nvcr.io/nvidia/tritonserver:*-trtllm-python-py3": Image(tensorrt_llm.runtime, engine="tensorrt-llm"),
    "nvcr.io/nim/*": Image(language_models.nim, engine="nim"),
    "vllm/vllm-openai": Image(language_models.vllm, engine="vllm"),
    "nvcr.io/nvidia/riva/riva-speech": Image(speech.riva, engine="riva"),
    # Kaldi's server is published as a recipe to build it, not as an image.
    "sandbox.headroom.dev/triton-kaldi": Image(speech.kaldi, engine="kaldi"),
    "pytorch/torchserve": Image(torchserve.simulator, torchserve.real, engine="torchserve"),
    "docker.io/library/python": Image(machine_tools),
    "sandbox.headroom.dev/tools": Image(machine_tools),
    "registry.k8s.io/pause": Image(waiting),
    "quay.io/prometheus/prometheus": Image(_provided),
    "quay.io/prometheus/alertmanager": Image(_provided),
    "quay.io/prometheus-operator/prometheus-config-reloader": Image(_provided),
}


def find(image: str) -> Image | None:
    """By repository, or by a pattern: of tags where the table has them apart, of repositories that are all of one kind.

    An image in a mirror is the one that it mirrors.
    """
    name = image.partition("@")[0]
    by_pattern = (found for pattern, found in IMAGES.items() if "*" in pattern and is_one_of(name, pattern))
    by_repository = (found for known, found in IMAGES.items() if is_one_of(repository_and_tag(image)[0], known))
    return next(by_pattern, None) or next(by_repository, None)


def is_provided(image: str) -> bool:
    """Whether the sandbox itself runs what the image would."""
    found = find(image)
    return found is not None and found.stand_in is _provided


def unknown(image: str) -> str:
    """What an event says of an image that cannot run here."""
    return f'Failed to pull image "{image}": the sandbox runs images without pulling them and knows only {", ".join(sorted(IMAGES))}'
