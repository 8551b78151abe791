"""In which order a server's objects are made."""

from dataclasses import replace
from typing import Any

import pytest

from components.model_server import ModelServer, before, in_order
from headroom.desired.render import DesiredServer
from tests.components.program import run_program
from tests.desired.stacks import STACKS, desired


@pytest.mark.parametrize("stack", STACKS)
def test_whatever_an_object_waits_for_is_made_before_it(stack: str) -> None:
    for server in desired(stack).servers:
        made = list(in_order(server))
        assert not [(role, first) for role in made for first in before(role, server) if made.index(first) > made.index(role)]


def test_an_order_in_which_something_comes_too_late_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def reversed_server(name: str, spec: DesiredServer, **rest: Any) -> ModelServer:
        return ModelServer(name, replace(spec, objects=dict(reversed(list(spec.objects.items())))), **rest)

    monkeypatch.setattr("components.environment.ModelServer", reversed_server)
    with pytest.raises(KeyError, match="workload"):
        run_program("local")
