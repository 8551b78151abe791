from __future__ import annotations

import json
from pathlib import Path

import pytest

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.aim import aim
from headroom.sandbox.load.protocols import protocol
from headroom.sandbox.load.protocols.form import Option, Protocol
from headroom.sandbox.load.protocols.http import Request
from headroom.sandbox.load.protocols.openai import Chat
from headroom.sandbox.load.protocols.triton import infer
from headroom.settings import load
from tests.settings.stack_files import accepted, changed

STACKS = Path(__file__).parents[3] / "stacks"


def test_the_request_for_triton_has_the_input_that_the_demo_model_declares() -> None:
    sent = json.loads(infer("sleeper", {}).body)["inputs"][0]
    declared = (STACKS / "models" / "sleeper" / "config.pbtxt").read_text()
    assert f'name: "{sent["name"]}"' in declared
    assert f"data_type: TYPE_{sent['datatype']}" in declared
    assert f"dims: {sent['shape']}".replace("[", "[ ").replace("]", " ]") in declared


def test_an_engine_whose_protocol_is_not_spoken_is_refused_with_those_that_are() -> None:
    with pytest.raises(SandboxError, match=r"protocol of abacus.*triton"):
        protocol("abacus")


def test_a_server_of_the_stack_is_aimed_at_with_its_only_model() -> None:
    found = aim(load(STACKS / "Pulumi.local.yaml"), "demo")
    assert isinstance(found.call, Request)
    assert (found.namespace, found.service, found.call.path) == ("inference", "demo", "/v2/models/sleeper/infer")


def test_a_model_is_asked_for_by_the_name_that_it_is_served_under(tmp_path: Path) -> None:
    arguments = ("headroom:servers/llama-8b/arguments", ["--served-model-name=llama"])
    text = changed(arguments, text=(STACKS / "Pulumi.vllm.yaml").read_text())
    call = aim(accepted(tmp_path, text), "llama-8b").call
    assert isinstance(call, Chat)
    assert call.model == "llama"


def test_an_unknown_server_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SandboxError, match=r"no server 'other'; its servers: demo"):
        aim(load(STACKS / "Pulumi.local.yaml"), "other")


def test_a_load_has_a_value_for_every_option_of_its_protocol() -> None:
    spoken = Protocol(infer, {"prompt-tokens": Option(200, "length of a prompt"), "output-tokens": Option(200, "length of an answer")})
    assert spoken.values({"output-tokens": 50}) == {"prompt-tokens": 200, "output-tokens": 50}


def test_an_unknown_option_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SandboxError, match=r"no option tokens; its options: prompt-tokens \(length of a prompt\)"):
        Protocol(infer, {"prompt-tokens": Option(200, "length of a prompt")}).values({"tokens": 1})
