"""The OpenAI API as servers of language models speak it: chat and text completions, whole or as a stream of server-sent events.

A token is a word here: a prompt has as many tokens as words, an answer repeats one. An answer has `max_tokens` tokens, always: nothing
ends early, as with `ignore_eos`.
Sources: https://platform.openai.com/docs/api-reference/chat, docs.vllm.ai serving/openai_compatible_server.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import count
from typing import Any

from headroom.sandbox.engines.http import Request, Response
from headroom.sandbox.engines.llm import Batch, Sequence

WORD = " token"
DEFAULT_OUTPUT = 128
"""Tokens of an answer whose request sets no limit; a real server would go on to the model's own end."""

CHAT, TEXT = "/v1/chat/completions", "/v1/completions"


class Rejected(Exception):
    """A request that is refused before it is put into the line."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Api:
    """One model behind the paths of the OpenAI API."""

    def __init__(self, model: str, context: int, batch: Batch) -> None:
        self._model = model
        self._context = context
        self._batch = batch
        self._numbers = count(1)
        self._begun = int(time.time())

    async def answer(self, request: Request) -> Response | None:
        """None for a path that is none of the API's."""
        if request.path == "/v1/models":
            listed = {"id": self._model, "object": "model", "created": self._begun, "owned_by": "simulator", "max_model_len": self._context}
            return Response.of({"object": "list", "data": [listed]})
        if request.path not in (CHAT, TEXT):
            return None
        try:
            return await self._complete(request.path == CHAT, _read(request))
        except Rejected as error:
            kind = "NotFoundError" if error.status == 404 else "BadRequestError"
            return Response.of({"object": "error", "message": str(error), "type": kind, "code": error.status}, error.status)

    async def _complete(self, chat: bool, asked: dict[str, Any]) -> Response:
        if asked.get("model") != self._model:
            raise Rejected(f"The model `{asked.get('model')}` does not exist.", 404)
        prompt = max(1, _words(asked.get("messages") if chat else asked.get("prompt")))
        output = int(asked.get("max_completion_tokens") or asked.get("max_tokens") or DEFAULT_OUTPUT)
        if output < 1:
            raise Rejected(f"max_tokens must be at least 1, got {output}.")
        longest = min(self._context, self._batch.capacity.kv_tokens)
        if prompt + output > longest:
            raise Rejected(
                f"This model's maximum context length is {longest} tokens. However, you requested {prompt + output} tokens "
                f"({prompt} in the messages, {output} in the completion). Please reduce the length of the messages or completion."
            )
        sequence = self._batch.submit(prompt, output)
        shape = _Shape(chat, self._model, next(self._numbers))
        if asked.get("stream"):
            usage = bool((asked.get("stream_options") or {}).get("include_usage"))
            return Response(200, content_type="text/event-stream; charset=utf-8", stream=shape.events(sequence, usage))
        async for _ in sequence.tokens():
            pass
        return Response.of(shape.whole(sequence))


class _Shape:
    """How one answer looks."""

    def __init__(self, chat: bool, model: str, number: int) -> None:
        self._chat = chat
        kind = "chat.completion" if chat else "text_completion"
        self._common = {"id": f"{'chatcmpl' if chat else 'cmpl'}-{number}", "created": int(time.time()), "model": model}
        self._kinds = (kind, f"{kind}.chunk" if chat else kind)

    def whole(self, sequence: Sequence) -> dict[str, Any]:
        text = WORD * sequence.output
        said = {"message": {"role": "assistant", "content": text}} if self._chat else {"text": text}
        choice = {"index": 0, **said, "finish_reason": "length"}
        return {**self._common, "object": self._kinds[0], "choices": [choice], "usage": _usage(sequence)}

    async def events(self, sequence: Sequence, usage: bool) -> AsyncGenerator[bytes, None]:
        """One event per token, the last with the reason of the end; then the usage where it was asked for."""
        token, last = self._event(None), self._event("length")
        async with aclosing(sequence.tokens()) as tokens:
            async for number in tokens:
                yield last if number == sequence.output else token
        if usage:
            yield _encoded({**self._common, "object": self._kinds[1], "choices": [], "usage": _usage(sequence)})
        yield b"data: [DONE]\n\n"

    def _event(self, finish_reason: str | None) -> bytes:
        said = {"delta": {"content": WORD}} if self._chat else {"text": WORD}
        choice = {"index": 0, **said, "finish_reason": finish_reason}
        return _encoded({**self._common, "object": self._kinds[1], "choices": [choice]})


def _encoded(content: object) -> bytes:
    return b"data: %b\n\n" % json.dumps(content, separators=(",", ":")).encode()


def _usage(sequence: Sequence) -> dict[str, int]:
    return {
        "prompt_tokens": sequence.prompt,
        "completion_tokens": sequence.output,
        "total_tokens": sequence.prompt + sequence.output,
    }


def _read(request: Request) -> dict[str, Any]:
    try:
        asked = json.loads(request.body)
    except ValueError as error:
        raise Rejected(f"There was an error parsing the body: {error}") from None
    if not isinstance(asked, dict):
        raise Rejected("The body must be an object.")
    return asked


def _words(said: Any) -> int:
    """In whatever holds text: a string, messages, the parts of a message."""
    if isinstance(said, str):
        return len(said.split())
    if isinstance(said, dict):
        return _words(said.get("content") or said.get("text"))
    return sum(map(_words, said)) if isinstance(said, list) else 0
