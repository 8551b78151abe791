"""Simulator of Triton with the TensorRT-LLM backend: `tritonserver` of a `-trtllm-python-py3` image. `python -m …engines.tensorrt_llm`.

The repository is that of `inflight_batcher_llm`: an ensemble of a tokenizer (Python, on the CPU), the model (the executor), and a
detokenizer (Python, on the CPU), which runs once for an answer, or once for each token of a streamed one. Every member and the ensemble
have Triton's counters of their own. A token is a word; an answer has `max_tokens` of them.

Not simulated: gRPC, the models' own inference endpoints, beams, LoRA, the LLM API backend.
Sources: triton-inference-server/server docs/protocol/extension_generate.md; README of triton-inference-server/tensorrtllm_backend.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from headroom.sandbox.engines import exposition, tensorrt_llm_metrics, triton_metrics
from headroom.sandbox.engines.core import Station, Times, until_told_to_end
from headroom.sandbox.engines.http import Request, Response, Server
from headroom.sandbox.engines.tensorrt_llm_executor import Executor, Tally
from headroom.sandbox.engines.tensorrt_llm_repository import MODEL, EngineFiles, find
from headroom.sandbox.engines.triton_arguments import parse
from headroom.sandbox.engines.triton_metrics import Served
from headroom.sandbox.engines.triton_models import LoadFailed, names

TOKENIZE_SECONDS = 0.002
DETOKENIZE_SECONDS = 0.002
"""Of one execution of the Python models, which have one instance each: a guess at a slow CPU, stated and not measured."""
CHAINS = ("ensemble", "tensorrt_llm_bls")
_WORD = " token"
_PATH = re.compile(r"^/v2/models/(?P<model>[^/]+)(?:/versions/1)?(?:/(?P<what>ready|generate|generate_stream))?$")


class Rejected(Exception):
    """A request that Triton refuses before it is queued."""


class TensorRtLlm:
    """The models of one repository."""

    def __init__(self, engine: EngineFiles, loaded: list[str]) -> None:
        self.executor = Executor(engine)
        self.tokenizer = Station(1, TOKENIZE_SECONDS)
        self.detokenizer = Station(1, DETOKENIZE_SECONDS)
        self.chains = {name: Tally() for name in CHAINS if name in loaded}

    async def answer(self, request: Request) -> Response:
        if request.path in ("/v2/health/live", "/v2/health/ready"):
            return Response()
        match = _PATH.match(request.path)
        if not match:
            return Response.of({"error": "Not Found"}, 404)
        try:
            return await self._model(match["model"], match["what"], request)
        except Rejected as error:
            return Response.of({"error": str(error)}, 400)

    async def _model(self, name: str, what: str | None, request: Request) -> Response:
        known = name in self.chains or name in (MODEL, "preprocessing", "postprocessing")
        if what == "ready":
            return Response() if known else Response.of({"error": "Model version not ready"}, 400)
        if not known:
            raise Rejected(f"Request for unknown model: '{name}' is not found")
        if what is None:
            return Response.of({"name": name, "versions": ["1"], "platform": "ensemble" if name == "ensemble" else "python"})
        if name not in self.chains:
            raise Rejected(f"the simulator generates by {' or '.join(self.chains)} only")
        prompt, output, streaming = _read(request)
        texts = self._texts(self.chains[name], prompt, output, streaming)
        if what == "generate_stream":
            return Response(200, content_type="text/event-stream; charset=utf-8", stream=_events(name, texts))
        if streaming:
            await texts.aclose()
            raise Rejected(
                "generate expects model to produce exactly 1 response, use generate_stream for models that may generate various number "
                "of responses"
            )
        return Response.of(_content(name, "".join([text async for text in texts])))

    async def _texts(self, chain: Tally, prompt: int, output: int, streaming: bool) -> AsyncGenerator[str, None]:
        """The answer through the whole chain: word by word, or all of it at once."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        await self.tokenizer.serve()
        async with aclosing(self.executor.generate(prompt, output)) as tokens:
            async for _ in tokens:
                if streaming:
                    await self.detokenizer.serve()
                    yield _WORD
        if not streaming:
            await self.detokenizer.serve()
            yield _WORD * output
        chain.add(Times(0.0, clock() - begun))

    def metrics(self) -> Response:
        served = [
            *(Served(name, tally) for name, tally in self.chains.items()),
            Served("preprocessing", self.tokenizer),
            Served(MODEL, self.executor.tally),
            Served("postprocessing", self.detokenizer),
        ]
        text = exposition.written([*triton_metrics.families(served), *tensorrt_llm_metrics.families(self.executor)])
        return Response(200, text.encode(), exposition.CONTENT_TYPE)


def _read(request: Request) -> tuple[int, int, bool]:
    """Words of the prompt, tokens asked for, whether one by one."""
    try:
        asked: dict[str, Any] = json.loads(request.body)
    except ValueError as error:
        raise Rejected(f"failed to parse the request JSON buffer: {error}") from None
    for name in ("text_input", "max_tokens"):
        if name not in asked:
            raise Rejected(f"[request id: <id_unknown>] expected 2 inputs but got {len(asked)} inputs: '{name}' is missing")
    return max(1, len(str(asked["text_input"]).split())), max(1, int(asked["max_tokens"])), bool(asked.get("stream"))


def _content(model: str, text: str) -> dict[str, Any]:
    sequence = {"sequence_end": False, "sequence_id": 0, "sequence_start": False}
    return {"model_name": model, "model_version": "1", **sequence, "text_output": text}


async def _events(model: str, texts: AsyncGenerator[str, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(texts):
        async for text in texts:
            yield b"data: %b\n\n" % json.dumps(_content(model, text), separators=(",", ":")).encode()


async def serve(options: argparse.Namespace) -> int:
    """Until it is told to end; then running requests have `--exit-timeout-secs`. The exit status."""
    try:
        repository = Path(options.model_repository[0])
        loaded = names(repository)
        model = TensorRtLlm(find(repository), loaded)
    except LoadFailed as error:
        print(f"error: creating server: Internal - {error}", file=sys.stderr)
        return 1

    async def metrics(request: Request) -> Response:
        return model.metrics() if request.path == "/metrics" else Response.of({"error": "Not Found"}, 404)

    inference, metrics_server = Server(model.answer), Server(metrics)
    if options.allow_http:
        await inference.start(options.http_address, options.http_port)
    if options.allow_metrics:
        await metrics_server.start(options.metrics_address or options.http_address, options.metrics_port)
    places = model.executor.places
    print(f"simulator of Triton with TensorRT-LLM, {options.id}: {', '.join(loaded)}; {places} requests at once", flush=True)
    await until_told_to_end()
    print("Signal received. Waiting for in-flight requests to complete.", flush=True)
    finished = await inference.end(options.exit_timeout_secs)
    await metrics_server.end(0)
    return 0 if finished else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(parse(sys.argv[1:]))))
