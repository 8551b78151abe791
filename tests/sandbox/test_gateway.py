"""The gateway passes bytes on, both ways, to their end."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from headroom.sandbox import gateway

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]


async def _shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers only after the caller has finished: a half-closed connection must stay open the other way."""
    writer.write((await reader.read()).upper())
    writer.close()


async def talk_to_shouter(conversation: Conversation) -> bytes:
    inner = await asyncio.start_server(_shout, "127.0.0.1", 0)
    return await talk(inner.sockets[0].getsockname()[1], conversation)


async def talk(port: int, conversation: Conversation) -> bytes:
    """What `conversation` gets through a gateway that leads to `port`."""
    outer = socket.create_server(("127.0.0.1", 0))
    forwarding = asyncio.create_task(gateway.serve({"api": ("127.0.0.1", port)}, {"api": outer.fileno()}))
    try:
        reader, writer = await asyncio.open_connection(*outer.getsockname())
        return await asyncio.wait_for(conversation(reader, writer), 5)
    finally:
        forwarding.cancel()
        outer.detach()


async def say_and_listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"hello" * 50_000)
    writer.write_eof()
    return await reader.read()


def test_a_conversation_passes_whole() -> None:
    assert asyncio.run(talk_to_shouter(say_and_listen)) == b"HELLO" * 50_000


def test_a_caller_of_what_is_not_there_is_turned_away() -> None:
    async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> bytes:
        return await reader.read()

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert asyncio.run(talk(unused.getsockname()[1], listen)) == b""


def test_a_connection_that_breaks_inside_is_over_for_the_caller() -> None:
    async def break_off(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> bytes:
        return await reader.read()

    async def scene() -> bytes:
        inner = await asyncio.start_server(break_off, "127.0.0.1", 0)
        return await talk(inner.sockets[0].getsockname()[1], listen)

    assert asyncio.run(scene()) == b""


def test_a_caller_that_has_gone_before_the_end_of_the_answer_is_no_error() -> None:
    async def answer_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.write(b"late")
        # What nobody takes is refused by then, and the end can no longer be passed on.
        await asyncio.sleep(0.1)
        writer.close()

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.close()
        await asyncio.sleep(0.3)
        return b""

    async def scene() -> list[str]:
        errors: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(str(context.get("exception"))))
        inner = await asyncio.start_server(answer_late, "127.0.0.1", 0)
        await talk(inner.sockets[0].getsockname()[1], hang_up)
        return errors

    assert asyncio.run(scene()) == []


def test_targets_are_read_from_the_command_line() -> None:
    assert gateway.parse(["prometheus=127.0.0.1:9090"]) == {"prometheus": ("127.0.0.1", 9090)}
