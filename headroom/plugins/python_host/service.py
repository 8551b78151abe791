"""The language host's gRPC service."""

# ruff: noqa: N802 - the methods have the service definition's names.

from __future__ import annotations

import importlib.metadata
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Never, TypeVar

import grpc
from google.protobuf import empty_pb2, json_format

from headroom.plugins.protocol import language_pb2, language_pb2_grpc, plugin_pb2
from headroom.plugins.python_host import commands, packages
from headroom.plugins.python_host.children import Children, end
from headroom.plugins.python_host.interpreter import Interpreter, InterpreterError, ambient, interpreter, virtualenv

_VERSION = importlib.metadata.version("headroom")
_T = TypeVar("_T")


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs Python programs for one engine. `executor` is Pulumi's own `pulumi-language-python-exec`."""

    def __init__(self, engine: str, executor: Path, children: Children) -> None:
        self._engine = engine
        self._executor = executor
        self._children = children

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._engine = request.engine_address or self._engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=_VERSION)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._children.end_all()
        return empty_pb2.Empty()

    def Run(self, request: Any, context: grpc.ServicerContext) -> Any:
        if request.attach_debugger:
            _refuse(context, "attach debuggers")
        try:
            runs_on = _interpreter(request.info)
        except InterpreterError as error:
            return language_pb2.RunResponse(error=str(error))
        argv = [runs_on.python, *commands.run(self._executor, self._engine, request)]
        env = runs_on.environment(os.environ) | commands.configuration(request)
        with self._children.started(argv, cwd=request.pwd or request.info.program_directory, env=env) as process:
            context.add_callback(lambda: end(process))
            return language_pb2.RunResponse(**commands.failure(process.wait()))

    def RunPlugin(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        try:
            runs_on = _interpreter(request.info)
        except InterpreterError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
            raise
        argv = [runs_on.python, *commands.run_plugin(request.kind, request.info.program_directory, request.args)]
        env = runs_on.environment(commands.environment(request.env) or os.environ)
        with self._children.started(argv, cwd=request.pwd, env=env, piped=True) as process:
            context.add_callback(lambda: end(process))
            yield from _output(process, language_pb2.RunPluginResponse)
            yield language_pb2.RunPluginResponse(exitcode=process.wait())

    def GetRequiredPackages(self, request: Any, context: grpc.ServicerContext) -> Any:
        found = _asked(packages.plugins, request.info, context)
        return language_pb2.GetRequiredPackagesResponse(
            packages=(plugin_pb2.PackageDependency(kind="resource", **plugin._asdict()) for plugin in found)
        )

    def GetRequiredPlugins(self, request: Any, context: grpc.ServicerContext) -> Any:
        found = _asked(packages.plugins, request.info, context)
        return language_pb2.GetRequiredPluginsResponse(
            plugins=(plugin_pb2.PluginDependency(kind="resource", **plugin._asdict()) for plugin in found)
        )

    def GetProgramDependencies(self, request: Any, context: grpc.ServicerContext) -> Any:
        found = _asked(packages.packages, request.info, context)
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=(language_pb2.DependencyInfo(name=name, version=version) for name, version in found)
        )

    def About(self, request: Any, context: grpc.ServicerContext) -> Any:
        executable, version = _asked(packages.about, request.info, context)
        metadata = {"language host": f"headroom's stand-in {_VERSION}"}
        return language_pb2.AboutResponse(executable=executable, version=version, metadata=metadata)

    def InstallDependencies(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        directory = request.info.program_directory or request.directory
        try:
            target = virtualenv(Path(request.info.root_directory or directory), _options(request.info))
            steps = commands.install(target, ambient(os.environ), Path(directory))
        except InterpreterError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
            raise
        for argv in steps:
            with self._children.started(argv, cwd=directory, env=os.environ, piped=True) as process:
                context.add_callback(lambda process=process: end(process))
                yield from _output(process, language_pb2.InstallDependenciesResponse)
                if code := process.wait():
                    context.abort(grpc.StatusCode.INTERNAL, f"{' '.join(map(str, argv))} ended with exit code {code}")

    def RuntimeOptionsPrompts(self, request: Any, context: grpc.ServicerContext) -> Any:
        return language_pb2.RuntimeOptionsResponse()

    def Template(self, request: Any, context: grpc.ServicerContext) -> Any:
        return language_pb2.TemplateResponse()

    def GenerateProgram(self, request: Any, context: grpc.ServicerContext) -> Any:
        _refuse(context, "convert programs to Python")

    def GenerateProject(self, request: Any, context: grpc.ServicerContext) -> Any:
        _refuse(context, "convert projects to Python")

    def GeneratePackage(self, request: Any, context: grpc.ServicerContext) -> Any:
        _refuse(context, "generate SDKs")

    def Pack(self, request: Any, context: grpc.ServicerContext) -> Any:
        _refuse(context, "pack SDKs")

    def Link(self, request: Any, context: grpc.ServicerContext) -> Any:
        _refuse(context, "link local packages")


def _refuse(context: grpc.ServicerContext, what: str) -> Never:
    context.abort(grpc.StatusCode.UNIMPLEMENTED, f"The stand-in language host does not {what}: use the official Pulumi CLI for that")
    raise AssertionError("abort raises")


def _options(info: Any) -> Mapping[str, object]:
    return json_format.MessageToDict(info.options)


def _interpreter(info: Any) -> Interpreter:
    return interpreter(Path(info.root_directory), _options(info), os.environ)


def _asked(question: Callable[[Interpreter, Mapping[str, str]], _T], info: Any, context: grpc.ServicerContext) -> _T:
    try:
        return question(_interpreter(info), os.environ)
    except InterpreterError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        raise


def _output(process: subprocess.Popen[bytes], response: Callable[..., _T]) -> Iterator[_T]:
    """What the process writes, as it comes: responses with either `stdout` or `stderr`, never both (they are a oneof)."""
    pieces: queue.SimpleQueue[_T | None] = queue.SimpleQueue()

    def read(name: str, source: IO[bytes]) -> None:
        while data := os.read(source.fileno(), 65536):
            pieces.put(response(**{name: data}))
        pieces.put(None)

    assert process.stdout is not None
    assert process.stderr is not None
    streams = {"stdout": process.stdout, "stderr": process.stderr}
    for name, source in streams.items():
        threading.Thread(target=read, args=(name, source), daemon=True).start()
    for _ in streams:
        while (piece := pieces.get()) is not None:
            yield piece
