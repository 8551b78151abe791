"""How TensorRT-LLM is started: one process, or one for each GPU under MPI, on one node or several.

Sources: triton-inference-server/tutorials, containers/server.py of the two deployments that `tensorrt_llm.py` names;
tensorrtllm_backend README, "Leader Mode": all ranks but the first stay in the loading of the model.
"""

from __future__ import annotations

from headroom.catalog.engines.needs import Nodes, Ranks

_EVERY = (
    "--model-repository=$prepared/repository",
    "--model-load-thread-count=2",
)
_SERVING = (
    *_EVERY,
    "--http-port=8000",
    "--grpc-port=8001",
    "--metrics-port=8002",
    "--allow-metrics=true",
    "--allow-gpu-metrics=false",
    "--allow-cpu-metrics=false",
    "--metrics-interval-ms=1000",
    "--exit-timeout-secs=$exit",
)
_RANK = (
    "--id=rank$rank",
    "--disable-auto-complete-config",
    # The Python models of several servers in one container would share their memory regions.
    "--backend-config=python,shm-region-prefix-name=rank${rank}_",
)

SINGLE = (*_SERVING, "--strict-readiness=true")

_SHELL = "/etc/headroom/remote-shell"

RANKS = Ranks(
    # Not as root: `--allow-run-as-root` is not needed.
    launcher=("mpirun",),
    section=("-n", "1", "tritonserver"),
    separator=":",
    first=(*SINGLE, *_RANK),
    others=(
        *_EVERY,
        *_RANK,
        "--allow-http=false",
        "--allow-grpc=false",
        "--allow-metrics=false",
        "--model-control-mode=explicit",
        "--load-model=tensorrt_llm",
        "--log-info=false",
        "--log-warning=false",
    ),
    nodes=Nodes(
        arguments=("--mca", "plm_rsh_agent", _SHELL, "--host", "$hosts"),
        worker=("/bin/sh", "-c", "trap 'exit 0' TERM; sleep infinity & wait"),
        files={
            # mpirun calls it as it would call ssh. A pod that does not run yet is waited for.
            _SHELL: "#!/bin/sh\n"
            "pod=$1\n"
            "shift\n"
            'until kubectl exec "$pod" -- true; do sleep 2; done\n'
            'exec kubectl exec "$pod" -- /bin/sh -c "$*"\n',
        },
    ),
)
