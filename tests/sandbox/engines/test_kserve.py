"""KServe v2 over gRPC: requests and answers, written and read back, and as other clients encode them."""

from __future__ import annotations

import struct

import pytest

from headroom.sandbox.engines.kserve import InferRequest, Tensor, answer, body, error, parameters, read_answer, strings
from headroom.sandbox.engines.protobuf import written

WAVE = Tensor("WAV_DATA", "FP32", (1, 4), bytes(16))
DIM = Tensor("WAV_DATA_DIM", "INT32", (1, 1), struct.pack("<i", 3))


def test_a_request_is_read_as_it_was_written() -> None:
    sequence = {"sequence_id": 2**62, "sequence_start": True, "sequence_end": False}
    request = InferRequest.read(body("m", [WAVE, DIM], ["TEXT"]) + parameters(sequence))
    assert (request.model, request.outputs, request.parameters) == ("m", ("TEXT",), sequence)
    assert request.inputs == {"WAV_DATA": WAVE, "WAV_DATA_DIM": DIM}


def test_a_packed_shape_is_read() -> None:
    """Other encoders pack repeated numbers: 1 and 8160 are the bytes 01 e0 3f."""
    tensor = written((1, "WAV_DATA"), (2, "FP32"), (3, bytes.fromhex("01e03f")))
    assert InferRequest.read(written((1, "m"), (5, tensor))).inputs["WAV_DATA"].shape == (1, 8160)


@pytest.mark.parametrize(("choice", "value"), [((1, True), True), ((2, 7), 7), ((3, "a7"), "a7"), ((5, 2**63), 2**63)])
def test_parameters_of_every_kind_are_read(choice: tuple[int, int | str], value: object) -> None:
    entry = written((1, "sequence_id"), (2, written(choice)))
    assert InferRequest.read(written((4, entry))).parameters == {"sequence_id": value}


def test_an_answer_is_read_as_it_was_written() -> None:
    said = strings("a word")
    assert read_answer(answer(InferRequest("m"), [Tensor("TEXT", "BYTES", (1, 1), said)])) == ("", {"TEXT": said})


def test_an_error_in_the_stream_is_read() -> None:
    assert read_answer(error("no")) == ("no", {})


def test_the_elements_of_a_text_tensor_have_their_length_before_them() -> None:
    assert strings("ab", "c") == b"\x02\x00\x00\x00ab\x01\x00\x00\x00c"
