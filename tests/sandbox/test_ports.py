"""Ports outside the namespace: free, remembered, never shared."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headroom.sandbox import ports


@contextmanager
def listening(names: list[str], remembered: dict[str, int]) -> Iterator[dict[str, int]]:
    sockets = ports.listen(names, remembered)
    try:
        yield {name: listener.getsockname()[1] for name, listener in sockets.items()}
    finally:
        for listener in sockets.values():
            listener.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_free_port_is_chosen_where_none_is_remembered() -> None:
    with listening(["kube-apiserver"], {}) as chosen:
        assert chosen["kube-apiserver"] in ports.RANGE


def test_a_remembered_port_is_taken_again() -> None:
    port = free_port()
    with listening(["kube-apiserver"], {"kube-apiserver": port}) as chosen:
        assert chosen == {"kube-apiserver": port}


def test_a_remembered_port_that_somebody_else_has_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with listening(["kube-apiserver"], {"kube-apiserver": taken}) as chosen:
            assert chosen["kube-apiserver"] != taken


def test_two_clones_never_get_the_same_port() -> None:
    with listening(["a", "b"], {}) as first, listening(["a", "b"], dict(first)) as second:
        assert len({*first.values(), *second.values()}) == 4


def test_the_search_for_a_port_ends() -> None:
    assert len(list(ports.candidates(6443, random.Random(0)))) == ports.ATTEMPTS + 1


def test_ports_are_remembered_from_one_start_to_the_next(tmp_path: Path) -> None:
    sockets = ports.listen(["prometheus"], {})
    ports.remember(tmp_path / "ports.json", sockets)
    assert ports.remembered(tmp_path / "ports.json") == {"prometheus": sockets["prometheus"].getsockname()[1]}
    sockets["prometheus"].close()


def test_nothing_is_remembered_before_the_first_start(tmp_path: Path) -> None:
    assert ports.remembered(tmp_path / "ports.json") == {}
