"""Messages of KServe v2 over gRPC, as Triton and its clients exchange them in `ModelStreamInfer`.

Source: triton-inference-server/common protobuf/grpc_service.proto; docs/protocol/extension_sequence.md for the parameters.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from headroom.sandbox.engines.protobuf import Message, content, contents, number, read, signed, text, written

STREAM_INFER = "/inference.GRPCInferenceService/ModelStreamInfer"
_BOOL, _INT64, _STRING, _UINT64 = 1, 2, 3, 5

Parameter = bool | int | str


@dataclass(frozen=True)
class Tensor:
    """`data` is raw, as in `raw_input_contents`."""

    name: str
    datatype: str
    shape: Sequence[int]
    data: bytes


@dataclass(frozen=True)
class InferRequest:
    model: str
    identity: str = ""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    inputs: Mapping[str, Tensor] = field(default_factory=dict)
    outputs: Sequence[str] = ()

    @staticmethod
    def read(message: bytes) -> InferRequest:
        """Raises `protobuf.Malformed`."""
        fields = read(message)
        raw = contents(fields, 7)
        described = [read(one) for one in contents(fields, 5)]
        tensors = (_tensor(one, raw[index] if index < len(raw) else b"") for index, one in enumerate(described))
        return InferRequest(
            model=text(fields, 1),
            identity=text(fields, 3),
            parameters=dict(_parameter(read(entry)) for entry in contents(fields, 4)),
            inputs={tensor.name: tensor for tensor in tensors},
            outputs=tuple(text(read(one), 1) for one in contents(fields, 6)),
        )


def body(model: str, inputs: Iterable[Tensor], outputs: Iterable[str] = ()) -> bytes:
    """A request but for its parameters: append `parameters` to it, fields may come in any order."""
    inputs = tuple(inputs)
    return written(
        (1, model),
        *((5, written((1, one.name), (2, one.datatype), *((3, size) for size in one.shape))) for one in inputs),
        *((6, written((1, name))) for name in outputs),
        *((7, one.data) for one in inputs),
    )


def parameters(values: Mapping[str, Parameter]) -> bytes:
    """Numbers go as int64, which every Triton knows; uint64 came in 2024."""
    return written(*((4, written((1, name), (2, _choice(value)))) for name, value in values.items()))


def answer(request: InferRequest, outputs: Iterable[Tensor]) -> bytes:
    """A response in the stream."""
    outputs = tuple(outputs)
    response = written(
        (1, request.model),
        (2, "1"),
        (3, request.identity),
        *((5, written((1, one.name), (2, one.datatype), *((3, size) for size in one.shape))) for one in outputs),
        *((6, one.data) for one in outputs),
    )
    return written((2, response))


def error(message: str) -> bytes:
    """A request of the stream went wrong; the stream goes on."""
    return written((1, message))


def read_answer(message: bytes) -> tuple[str, Mapping[str, bytes]]:
    """What went wrong (empty: nothing), and the outputs' raw contents by name."""
    fields = read(message)
    response = read(content(fields, 2))
    names = [text(read(one), 1) for one in contents(response, 5)]
    return text(fields, 1), dict(zip(names, contents(response, 6), strict=False))


def strings(*values: str) -> bytes:
    """A BYTES tensor: every element with its length before it."""
    return b"".join(struct.pack("<I", len(value.encode())) + value.encode() for value in values)


def _tensor(fields: Message, data: bytes) -> Tensor:
    return Tensor(text(fields, 1), text(fields, 2), _shape(fields), data)


def _shape(fields: Message) -> tuple[int, ...]:
    """Repeated numbers come packed into bytes, or one by one."""
    sizes: list[int] = []
    for value in fields.get(3, []):
        sizes += [signed(size) for size in (_packed(value) if isinstance(value, bytes) else [value])]
    return tuple(sizes)


def _packed(raw: bytes) -> list[int]:
    """Varints one after the other."""
    found: list[int] = []
    value = shift = 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            found.append(value)
            value = shift = 0
    return found


def _parameter(entry: Message) -> tuple[str, Parameter]:
    chosen = read(content(entry, 2))
    if _STRING in chosen:
        return text(entry, 1), text(chosen, _STRING)
    if _BOOL in chosen:
        return text(entry, 1), bool(number(chosen, _BOOL))
    if _UINT64 in chosen:
        return text(entry, 1), number(chosen, _UINT64)
    return text(entry, 1), signed(number(chosen, _INT64))


def _choice(value: Parameter) -> bytes:
    if isinstance(value, bool):
        return written((_BOOL, value))
    return written((_INT64, value)) if isinstance(value, int) else written((_STRING, value))
