"""`headroom look | render | price`: what a stack asks for, without any tool, cluster or cloud."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console

from headroom.desired import Desired, render
from headroom.desired.objects import Object
from headroom.paths import Clone
from headroom.refusal import refuse
from headroom.report.asked import asked
from headroom.report.price import as_json as prices_as_json
from headroom.report.price import prices
from headroom.report.price_table import price_table
from headroom.settings import InvalidStack, Stack, load
from headroom.wiring.secrets import without_secrets

app = typer.Typer()
StackNames = Annotated[list[str], typer.Argument(metavar="STACK…", help="names of files stacks/Pulumi.STACK.yaml")]
StackName = Annotated[str, typer.Argument(metavar="STACK", help="name of a file stacks/Pulumi.STACK.yaml")]


class _Plain(yaml.SafeDumper):
    """YAML as people write it: no anchors for what happens to be the same."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@app.command("render")
def render_command(
    stacks: StackNames,
    release: Annotated[str | None, typer.Option(metavar="NAME", help="print the values of this Helm release of the stack instead")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print objects, releases, node groups and prices for a program: a line for each stack")
    ] = False,
) -> None:
    """Print the desired objects as YAML."""
    if release and as_json:
        refuse("--json prints every release with its values: leave --release out")
    for stack in stacks:
        settings, desired = _read(stack)
        if as_json:
            typer.echo(json.dumps(asked(settings, desired)))
        else:
            _print(desired, release)


def _print(desired: Desired, release: str | None) -> None:
    documents = desired.objects if release is None else [_values(desired, release)]
    shown = [without_secrets(document) for document in documents]
    if shown != list(documents):
        typer.echo("values that look like secrets are shown as [redacted]; `headroom verify` names them", err=True)
    yaml.dump_all(shown, sys.stdout, Dumper=_Plain, sort_keys=False, explicit_start=True, width=160)


@app.command()
def price(
    stacks: StackNames, as_json: Annotated[bool, typer.Option("--json", help="print it for a program: a line for each stack")] = False
) -> None:
    """Print what GPU nodes cost at their smallest and largest."""
    for stack in stacks:
        rows = prices(_read(stack)[0])
        if as_json:
            typer.echo(json.dumps({"stack": stack, "prices": prices_as_json(rows)}))
        else:
            Console().print(price_table(rows, of=stack))


@app.command()
def look(stack: StackName) -> None:
    """Show what the stack asks for, what is wrong with its wiring, what it costs, and draw it."""
    from headroom.report.picture import draw
    from headroom.report.stack_view import stack_tree
    from headroom.verify import findings_of

    settings, desired = _read(stack)
    console = Console()
    console.print(stack_tree(settings, desired))
    console.print(findings_of(settings, desired))
    console.print(price_table(prices(settings)))
    path = Clone.find().state / "look" / f"{stack}.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draw(settings, desired))
    console.print(f"picture: {path}")


def _values(desired: Desired, release: str) -> Object:
    known = {found.name: found.values for addon in desired.platform.values() for found in addon.releases}
    if release not in known:
        refuse(f"{release} is not a Helm release of this stack; it has: {', '.join(known) or 'none'}")
    return known[release]


def _read(stack: str) -> tuple[Stack, Desired]:
    clone = Clone.find()
    clone.known(stack)
    try:
        settings = load(clone.stack_file(stack))
    except InvalidStack as problems:
        typer.echo(str(problems), err=True)
        raise typer.Exit(1) from None
    return settings, render(settings)
