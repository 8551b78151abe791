"""`headroom tools`: which programs there are, where they are, and how to have them."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated, Never

import typer

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The real programs that the sandbox and the tests run: from the PATH, or built once."
)

Names = Annotated[list[str] | None, typer.Argument(help="Tools by name; all of them when none is named.")]


@app.command("list")
def list_tools() -> None:
    """Every tool: its version, where it is, or how long it would take to build."""
    from headroom.tools import ToolError
    from headroom.tools.get import find, pins
    from headroom.tools.progress import about

    try:
        for pin in pins():
            path = find(pin.tool.name)
            place = str(path) if path else f"not here yet: {about(pin.tool.seconds)} on two cores"
            typer.echo(f"{pin.tool.name:<24}{pin.version!s:<10}{place}")
    except ToolError as error:
        _fail(str(error))


@app.command()
def build(names: Names = None) -> None:
    """Builds what is neither on the PATH with a version that fits nor built before."""
    from headroom.tools import ToolError, require
    from headroom.tools.catalog import EVERYTHING

    signal.signal(signal.SIGTERM, _leave)
    try:
        require(*(names or EVERYTHING))
    except ToolError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        _fail("Interrupted. The next run goes on where this one was.", code=130)


@app.command()
def path(name: str) -> None:
    """The tool's path, for scripts; fails when it is not here yet."""
    from headroom.tools import ToolError, find

    try:
        found = find(name)
    except ToolError as error:
        _fail(str(error))
    if found is None:
        _fail(f"{name} is not here yet: `headroom tools build {name}` builds it.")
    typer.echo(found)


@app.command()
def clean(everything: Annotated[bool, typer.Option("--all", help="The tools as well: the next run builds them again.")] = False) -> None:
    """Removes what this clone does not pin, what interrupted builds left, and the caches of a Go that was brought.

    A clone with other pins builds its own tools again.
    """
    from headroom.tools.cache import Cache
    from headroom.tools.catalog import TOOLS
    from headroom.tools.clean import clean as clean_cache
    from headroom.tools.get import pins
    from headroom.tools.space import gigabytes

    cache = Cache.default()
    freed = clean_cache(cache, keep=() if everything else [pin.entry for pin in pins(tuple(TOOLS))])
    typer.echo(f"{gigabytes(freed // 1_000_000)} freed in {cache.root}")
    typer.echo("A Go of this machine's own keeps what it downloaded and compiled: `go clean -cache -modcache` frees that.")


def _leave(signum: int, frame: FrameType | None) -> Never:
    # Ends the build's own processes on the way out, which dying of the signal would not.
    raise SystemExit(128 + signum)


def _fail(message: str, code: int = 1) -> Never:
    typer.echo(message, err=True)
    sys.exit(code)
