"""The real Triton server out of the `nvidia-pytriton` wheel, laid out as in its image.

The wheel holds the server, its libraries and the Python backend without the backend's stub, of which it has one for each version of
Python. Mounted where the image has them, all find each other (their run paths are relative) and the server's own defaults hold.
"""

from __future__ import annotations

import re
from pathlib import Path

from headroom.sandbox.kubelet.runtimes import SYSTEM_PATH, Bind, Runtime, interpreter_binds

HOME = "/opt/tritonserver"
BACKEND = f"{HOME}/backends/python"


def runtime(programs: Path) -> Runtime:
    """`programs` is the `bin` directory of a Python environment with `nvidia-pytriton`."""
    environment = programs.parent
    packages = next(environment.glob("lib/python3.*/site-packages"))
    version = packages.parent.name.removeprefix("python")
    wheel = packages / "pytriton" / "tritonserver"
    base = base_prefix(environment)
    return Runtime(
        title=f"real Triton of nvidia-pytriton {_version(packages)}",
        binds=(
            Bind(str(environment), str(environment)),
            *interpreter_binds(str(base)),
            Bind(str(packages / "nvidia_pytriton.libs"), "/nvidia_pytriton.libs"),
            Bind(str(wheel / "bin"), f"{HOME}/bin"),
            Bind(str(wheel / "caches"), f"{HOME}/caches"),
            *(Bind(str(file), f"{BACKEND}/{file.name}") for file in sorted((wheel / "backends" / "python").iterdir())),
            Bind(str(wheel / "python_backend_stubs" / version / "triton_python_backend_stub"), f"{BACKEND}/triton_python_backend_stub"),
        ),
        env={
            # The stub embeds the Python whose `python3` is first on the PATH: that is where numpy is.
            "PATH": f"{HOME}/bin:{programs}:{SYSTEM_PATH}",
            # Without this it loads the system's libpython of the same minor version, which may not fit that Python's library.
            "LD_LIBRARY_PATH": str(base / "lib"),
        },
    )


def base_prefix(environment: Path) -> Path:
    """Where the interpreter of a Python environment is installed."""
    home = re.search(r"^home\s*=\s*(.+)$", (environment / "pyvenv.cfg").read_text(), re.MULTILINE)
    assert home, f"{environment} is not a Python environment"
    return Path(home[1].strip()).parent


def _version(packages: Path) -> str:
    return next(packages.glob("nvidia_pytriton-*.dist-info")).name.removeprefix("nvidia_pytriton-").removesuffix(".dist-info")
