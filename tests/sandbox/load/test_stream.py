"""Streams of speech as requests of a load: their pace, their connections, and when one counts as cut."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from itertools import islice, pairwise

import grpc
import pytest
from grpc import aio

from headroom.sandbox.engines import kserve, rpc
from headroom.sandbox.engines.kserve import InferRequest, Tensor
from headroom.sandbox.engines.riva_messages import STREAMING_RECOGNIZE, Result
from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.protocols import kaldi, riva, stream
from headroom.sandbox.load.protocols.form import Answer, Call
from headroom.sandbox.load.protocols.stream import Channels, Cut, Pace

QUICK = {"seconds": 0.3, "realtime": 0}
SPEECH = riva.streams("", {**QUICK, "chunk": 100})
SEQUENCES = kaldi.streams("", {**QUICK, "samples": 1600})


def test_the_chunks_of_a_stream_add_up_to_its_audio() -> None:
    assert list(Pace(1, 0.3, True).lengths()) == pytest.approx([0.3, 0.3, 0.3, 0.1])


def test_in_real_time_a_chunk_comes_when_its_audio_is_there() -> None:
    async def moments() -> list[float]:
        clock = asyncio.get_running_loop().time
        return [clock() async for _ in Pace(0.3, 0.1, True).chunks()]

    apart = [later - earlier for earlier, later in pairwise(asyncio.run(moments()))]
    assert min(apart) > 0.05


def test_the_last_chunk_is_said_to_be_the_last() -> None:
    async def last() -> list[bool]:
        return [last async for _, last in Pace(0.3, 0.1, False).chunks()]

    assert asyncio.run(last()) == [False, False, True]


def test_streams_share_a_connection_up_to_a_number_and_then_get_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STREAMS_PER_CHANNEL", 2)

    async def opened() -> int:
        channels = Channels()
        async with contextlib.AsyncExitStack() as stack:
            used = [await stack.enter_async_context(channels.one(Address("127.0.0.1", 9))) for _ in range(5)]
        await channels.close()
        return len(set(map(id, used)))

    assert asyncio.run(opened()) == 3


def test_no_two_sequences_of_a_process_have_the_same_correlation_id() -> None:
    identities = list(islice(kaldi._IDENTITIES, 1000))
    assert len(set(identities)) == 1000
    assert min(identities) > 0
    assert max(identities) < 2**63, "Triton of old reads it as int64"


Handler = Callable[[AsyncIterator[bytes], rpc.Context], AsyncIterator[bytes]]


def sent(call: Call, method: str, handler: Handler) -> Answer:
    """What a stream to a server with this one method comes to."""

    async def talk() -> Answer:
        server = aio.server()
        service, name = method.strip("/").split("/")
        own = {name: grpc.stream_stream_rpc_method_handler(handler)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, own),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            async with call.sender(5) as send:
                return await send(Address("127.0.0.1", port))
        finally:
            await server.stop(0)

    return asyncio.run(talk())


async def _drained(messages: AsyncIterator[bytes]) -> int:
    return len([message async for message in messages])


def answering(*answers: bytes) -> Handler:
    async def handler(messages: AsyncIterator[bytes], _: rpc.Context) -> AsyncIterator[bytes]:
        await _drained(messages)
        for answer in answers:
            yield answer

    return handler


def result(*, final: bool, processed: float) -> bytes:
    return Result("a word", final=final, processed=processed).written()


@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        ((result(final=False, processed=0.16), result(final=True, processed=0.3)), None),
        ((), "cut: it ended without a final transcript"),
        ((result(final=False, processed=0.3),), "cut: it ended without a final transcript"),
        ((result(final=True, processed=0.16),), "cut: of 0.3 s of audio 0.16 s were transcribed"),
        ((b"\x0a\x05",), "cut: field 1 of wire type 2 does not fit at byte 2"),
    ],
)
def test_a_stream_of_rivas_is_whole_when_all_its_audio_has_a_final_transcript(answers: tuple[bytes, ...], failure: str | None) -> None:
    assert sent(SPEECH, STREAMING_RECOGNIZE, answering(*answers)).failure == failure


TEXT = kserve.answer(InferRequest("kaldi_online"), [Tensor("TEXT", "BYTES", (1, 1), kserve.strings("a word"))])


@pytest.mark.parametrize(
    ("answers", "failure"),
    [((TEXT,), None), ((), "cut: it ended without a transcript"), ((kserve.error("Server not ready"),), "cut: Server not ready")],
)
def test_a_stream_of_kaldis_is_whole_when_its_last_chunk_has_a_text(answers: tuple[bytes, ...], failure: str | None) -> None:
    assert sent(SEQUENCES, kserve.STREAM_INFER, answering(*answers)).failure == failure


def test_a_refusal_names_no_correlation_id_so_that_equal_ones_are_counted_together() -> None:
    async def refusing(messages: AsyncIterator[bytes], _: rpc.Context) -> AsyncIterator[bytes]:
        async for message in messages:
            identity = InferRequest.read(message).parameters["sequence_id"]
            yield kserve.error(f"sequence {identity} is unknown")

    assert sent(SEQUENCES, kserve.STREAM_INFER, refusing).failure == "cut: sequence ID is unknown"


def test_a_stream_that_the_server_breaks_off_has_failed() -> None:
    async def breaking(messages: AsyncIterator[bytes], context: rpc.Context) -> AsyncIterator[bytes]:
        await rpc.refuse(context, "no more")
        yield b""

    # Whose words are heard depends on what comes first: the server's status, or the failure to send it the next chunk.
    assert str(sent(SPEECH, STREAMING_RECOGNIZE, breaking).failure).startswith("cut: IN")


def test_a_stream_without_an_answer_in_time_has_failed() -> None:
    async def short() -> Answer:
        async def talk(channel: aio.Channel, done: Callable[[], None]) -> None:
            await asyncio.sleep(60)

        async with stream.sender(talk, 0.05, 0.05) as send:
            return await send(Address("127.0.0.1", 9))

    assert asyncio.run(short()).failure == "no answer in time"


def test_what_is_measured_is_the_wait_after_the_last_chunk_and_the_pace() -> None:
    async def talk(channel: aio.Channel, done: Callable[[], None]) -> None:
        await asyncio.sleep(0.2)
        done()
        await asyncio.sleep(0.1)

    async def one() -> Answer:
        async with stream.sender(talk, 3, 5) as send:
            return await send(Address("127.0.0.1", 9))

    measures = asyncio.run(one()).measures
    assert measures["latency"] >= 0.1
    # Three seconds of audio in no less than 0.3 s.
    assert measures["rtfx"] <= 10


def test_what_a_protocol_calls_cut_is_a_failure() -> None:
    async def talk(channel: aio.Channel, done: Callable[[], None]) -> None:
        raise Cut("half of it is missing")

    async def one() -> Answer:
        async with stream.sender(talk, 1, 1) as send:
            return await send(Address("127.0.0.1", 9))

    assert asyncio.run(one()).failure == "cut: half of it is missing"
