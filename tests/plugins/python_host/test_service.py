"""What the service says over its protocol, without an engine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from headroom.plugins.protocol import language_pb2, language_pb2_grpc
from headroom.plugins.python_host.children import Children
from headroom.plugins.python_host.service import LanguageHost


@pytest.fixture
def host() -> Iterator[language_pb2_grpc.LanguageRuntimeStub]:
    server = grpc.server(ThreadPoolExecutor(2))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost("127.0.0.1:1", Path("/none"), Children()), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield language_pb2_grpc.LanguageRuntimeStub(channel)
    server.stop(None).wait()


@pytest.mark.parametrize(
    ("method", "request_type", "what"),
    [
        ("GenerateProgram", language_pb2.GenerateProgramRequest, "convert programs to Python"),
        ("GenerateProject", language_pb2.GenerateProjectRequest, "convert projects to Python"),
        ("GeneratePackage", language_pb2.GeneratePackageRequest, "generate SDKs"),
        ("Pack", language_pb2.PackRequest, "pack SDKs"),
        ("Link", language_pb2.LinkRequest, "link local packages"),
    ],
)
def test_what_it_does_not_do_is_refused_by_name(
    host: language_pb2_grpc.LanguageRuntimeStub, method: str, request_type: type, what: str
) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        getattr(host, method)(request_type())

    assert refusal.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert refusal.value.details() == f"The stand-in language host does not {what}: use the official Pulumi CLI for that"


def test_a_debugger_is_refused(host: language_pb2_grpc.LanguageRuntimeStub) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        host.Run(language_pb2.RunRequest(attach_debugger=True))

    assert "does not attach debuggers" in str(refusal.value.details())


def test_an_interpreter_that_is_not_there_is_an_error_of_the_program(host: language_pb2_grpc.LanguageRuntimeStub) -> None:
    info = language_pb2.ProgramInfo(root_directory="/none", program_directory="/none", entry_point=".")
    info.options.update({"virtualenv": "venv"})

    answer = host.Run(language_pb2.RunRequest(info=info))

    assert answer.error == "The virtualenv 'venv' has no Python at /none/venv/bin/python: run `pulumi install` to make it"
