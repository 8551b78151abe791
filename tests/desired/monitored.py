"""A stack on a cluster of a cloud whose monitoring is what a test asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from headroom.settings import Stack
from tests.settings.stack_files import accepted

CA = """\
-----BEGIN CERTIFICATE-----
MIIBGzCBwaADAgECAgEBMAoGCCqGSM49BAMCMBcxFTATBgNVBAMMDGFuIGF1dGhv
cml0eTAeFw0yNjAxMDEwMDAwMDBaFw00NjAxMDEwMDAwMDBaMBcxFTATBgNVBAMM
DGFuIGF1dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCa4wE2MX1RD
evmGpVZMYuGyvB4xrejjHAqpp9ifFOpWqxKNWI5tand4mHj2XvHoycI7mcVWMZ9+
8nLrjNirbm0wCgYIKoZIzj0EAwIDSQAwRgIhAMJtMLkrNTgclOk0Vb0N+pvv6Rcs
MbWtaHfoOyfB6Ti2AiEA/9rxhKbhPJekGSEdED0NnnxPGZAq57P84mCxoX71SLY=
-----END CERTIFICATE-----
"""


def text(
    monitoring: Mapping[str, Any],
    *,
    distribution: str = "eks",
    credentials: Sequence[str] = (),
    namespace: str = "inference",
    **platform: Any,
) -> str:
    """A stack file with one server for each backend; `platform` are further add-ons."""
    autoscaling = {"replicas": {"max": 4}, "signals": {"queue-time": "200ms"}}
    server = {"engine": "triton", "image": "nvcr.io/nvidia/tritonserver:25.06-py3", "models": "s3://bucket/models"}
    config = {
        "headroom:cluster": {"provider": "existing", "name": "company", "distribution": distribution},
        "headroom:namespace": namespace,
        "headroom:platform": {"monitoring": dict(monitoring), **platform},
        "headroom:servers": {
            "by-keda": {**server, "autoscaling": {**autoscaling, "backend": "keda"}},
            "by-hpa": {**server, "autoscaling": {**autoscaling, "backend": "hpa"}},
        },
        "headroom:credentials": {name: {"secure": "v1:a:b"} for name in credentials},
    }
    return yaml.safe_dump({"config": config}, sort_keys=False)


def stack(directory: Path, monitoring: Mapping[str, Any], **rest: Any) -> Stack:
    return accepted(directory, text(monitoring, **rest))
