"""The generator against a server of a few lines on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from headroom.sandbox.load.addresses import Address, RoundRobin
from headroom.sandbox.load.generator import Generator, Loop
from headroom.sandbox.load.protocols.form import Answer, Send
from headroom.sandbox.load.protocols.http import Request

pytestmark = pytest.mark.thorough

REQUEST = Request("http", "/v2/models/sleeper/infer", b"{}")


@dataclass
class Server:
    """Answers `status` after `seconds`; knows how many requests it had, and how many at once."""

    seconds: float = 0.01
    status: str = "200 OK"
    count: int = 0
    present: int = 0
    most: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line[16:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: "))
                await reader.readexactly(length)
                self.count, self.present = self.count + 1, self.present + 1
                self.most = max(self.most, self.present)
                await asyncio.sleep(self.seconds)
                self.present -= 1
                writer.write(f"HTTP/1.1 {self.status}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()


@contextlib.asynccontextmanager
async def listening(*servers: Server) -> AsyncIterator[RoundRobin]:
    started = [await asyncio.start_server(server.serve, "127.0.0.1") for server in servers]
    pods = RoundRobin()
    pods.replace(tuple(Address(*one.sockets[0].getsockname()) for one in started))
    yield pods
    for one in started:
        one.close()


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


def test_a_closed_loop_keeps_its_level_in_flight() -> None:
    async def scenario() -> int:
        server = Server()
        async with listening(server) as pods, Generator(REQUEST, pods.next) as generator:
            generator.level = 5
            await until(lambda: server.count > 50)
        return server.most

    assert asyncio.run(scenario()) == 5


def test_a_lower_level_takes_hold_and_zero_is_silence() -> None:
    async def scenario() -> tuple[int, int]:
        server = Server()
        async with listening(server) as pods, Generator(REQUEST, pods.next) as generator:
            generator.level = 5
            await until(lambda: server.count > 10)
            generator.level = 0
            await until(lambda: server.present == 0)
            before = server.count
            await asyncio.sleep(0.1)
            return before, server.count

    before, after = asyncio.run(scenario())
    assert before == after


def test_an_open_loop_sends_although_nothing_is_answered_and_never_above_its_rate() -> None:
    async def scenario() -> tuple[int, float]:
        server = Server(seconds=3)
        begun = time.monotonic()
        async with listening(server) as pods, Generator(REQUEST, pods.next, loop=Loop.OPEN) as generator:
            generator.level = 20
            await until(lambda: server.present >= 10)
            return generator.sent, time.monotonic() - begun

    sent, seconds = asyncio.run(scenario())
    assert 10 <= sent <= 20 * seconds + 1


def test_pods_take_turns() -> None:
    async def scenario() -> list[int]:
        servers = [Server(), Server(), Server()]
        async with listening(*servers) as pods, Generator(REQUEST, pods.next, max_requests=30) as generator:
            generator.level = 1
            await until(lambda: len(generator.outcomes) == 30)
        return [server.count for server in servers]

    assert asyncio.run(scenario()) == [10, 10, 10]


def test_no_more_is_sent_than_allowed() -> None:
    async def scenario() -> tuple[int, bool]:
        server = Server()
        async with listening(server) as pods, Generator(REQUEST, pods.next, max_requests=7) as generator:
            generator.level = 5
            await until(lambda: generator.exhausted)
        return server.count, generator.exhausted

    assert asyncio.run(scenario()) == (7, True)


def failure_with(server: Server, *, timeout: float = 5, listens: bool = True) -> str | None:
    async def scenario() -> str | None:
        async with listening(server) as pods:
            chosen = pods.next if listens else lambda: Address("127.0.0.1", 1)
            async with Generator(REQUEST, chosen, timeout=timeout, max_requests=1) as generator:
                generator.level = 1
                await until(lambda: bool(generator.outcomes))
        return generator.outcomes[0].failure

    return asyncio.run(scenario())


def test_an_answer_is_no_failure() -> None:
    assert failure_with(Server()) is None


def test_an_error_status_is_a_failure() -> None:
    assert failure_with(Server(status="503 Service Unavailable")) == "HTTP 503"


def test_an_answer_that_takes_too_long_is_a_failure() -> None:
    assert failure_with(Server(seconds=1), timeout=0.1) == "no answer in time"


def test_a_refused_connection_is_a_failure() -> None:
    assert (failure_with(Server(), listens=False) or "").startswith("ConnectionRefusedError")


def test_a_request_that_finds_no_pod_fails() -> None:
    async def scenario() -> str | None:
        async with Generator(REQUEST, lambda: None, max_requests=1) as generator:
            generator.level = 1
            await until(lambda: bool(generator.outcomes))
        return generator.outcomes[0].failure

    assert asyncio.run(scenario()) == "no pod is ready"


class Surprised:
    """A protocol that does not expect what it is answered."""

    port = "http"

    @contextlib.asynccontextmanager
    async def sender(self, timeout: float) -> AsyncIterator[Send]:
        async def send(_: Address) -> Answer:
            raise LookupError("no model is listed")

        yield send


def test_a_request_whose_answer_nobody_expected_has_failed() -> None:
    async def scenario() -> list[str | None]:
        async with Generator(Surprised(), lambda: Address("127.0.0.1", 1), max_requests=1) as generator:
            generator.level = 1
            await until(lambda: generator.exhausted)
        return [outcome.failure for outcome in generator.outcomes]

    assert asyncio.run(scenario()) == ["LookupError: no model is listed"]


def test_requests_in_flight_are_waited_for_at_the_end() -> None:
    async def scenario() -> list[str | None]:
        server = Server(seconds=0.2)
        async with listening(server) as pods, Generator(REQUEST, pods.next) as generator:
            generator.level = 3
            await until(lambda: server.present == 3)
        return [outcome.failure for outcome in generator.outcomes]

    assert asyncio.run(scenario()) == [None, None, None]
