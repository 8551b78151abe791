"""Policy packs run by our language host: the engine asks it to start them and hears what they say."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from tests.plugins.python_host.conftest import Project, described

pytestmark = pytest.mark.tools

# A policy pack by its bare protocol: what matters here is who starts it, not the library that it is written with.
_PACK = """
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2


class Pack(analyzer_pb2_grpc.AnalyzerServicer):
    def GetAnalyzerInfo(self, request, context):
        return analyzer_pb2.AnalyzerInfo(name="pack", version="1.0.0")

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="1.0.0")

    def Configure(self, request, context):
        return empty_pb2.Empty()

    def Analyze(self, request, context):
        return analyzer_pb2.AnalyzeResponse()

    def AnalyzeStack(self, request, context):
        found = analyzer_pb2.AnalyzeDiagnostic(
            policyName="no-stacks",
            policyPackName="pack",
            policyPackVersion="1.0.0",
            message="There are stacks here",
            enforcementLevel=analyzer_pb2.MANDATORY,
            urn=request.resources[0].urn,
        )
        return analyzer_pb2.AnalyzeResponse(diagnostics=[found])


server = grpc.server(ThreadPoolExecutor())
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Pack(), server)
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
threading.Event().wait()
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    directory = tmp_path / "pack"
    directory.mkdir()
    (directory / "PulumiPolicy.yaml").write_text(described("pack", virtualenv=sys.prefix))
    (directory / "__main__.py").write_text(textwrap.dedent(_PACK))
    return directory


def test_a_mandatory_violation_is_shown_and_fails_the_preview(project: Project, pack: Path) -> None:
    preview = project.pulumi("preview", "--policy-pack", str(pack))

    assert preview.returncode != 0
    assert "There are stacks here" in preview.stdout


def test_a_pack_that_cannot_start_is_named_with_its_own_error(project: Project, pack: Path) -> None:
    (pack / "__main__.py").write_text("raise SystemExit('the pack needs a thing that is not there')")

    preview = project.pulumi("preview", "--policy-pack", str(pack))

    assert preview.returncode != 0
    assert "the pack needs a thing that is not there" in preview.stdout + preview.stderr
