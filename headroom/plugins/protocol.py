"""Pulumi's plugin protocol.

At run time the generated modules are loaded without the SDK package around them: importing `pulumi` would double the time of
every start, and an update starts its plugins several times.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi.runtime.proto import (
        engine_pb2,
        engine_pb2_grpc,
        language_pb2,
        language_pb2_grpc,
        plugin_pb2,
        provider_pb2,
        provider_pb2_grpc,
        status_pb2,
    )

__all__ = [
    "engine_pb2",
    "engine_pb2_grpc",
    "language_pb2",
    "language_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
]

if not TYPE_CHECKING:
    from importlib import import_module
    from importlib.util import find_spec
    from pathlib import Path
    from types import ModuleType

    package = ModuleType(f"{__name__}_modules")
    package.__path__ = [str(Path(find_spec("pulumi").origin).parent / "runtime" / "proto")]
    sys.modules[package.__name__] = package

    globals().update({name: import_module(f"{package.__name__}.{name}") for name in __all__})
