"""Where a clone keeps its state: everything below `.headroom/`, so that removing the clone removes it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


class NotAClone(Exception):
    """The working directory is not inside a checkout of this project."""


class NoSuchStack(Exception):
    """A stack was named that the clone has no file of."""

    def __init__(self, unknown: Sequence[str], known: Sequence[str]) -> None:
        near = [match for name in unknown for match in get_close_matches(name, known, n=1)]
        hint = f" (did you mean {', '.join(near)}?)" if near else ""
        super().__init__(f"there is no stack {', '.join(unknown)}{hint}; this repository has: {', '.join(known) or 'none'}")


@dataclass(frozen=True)
class Clone:
    """One checkout of the project and the places it owns."""

    root: Path

    @staticmethod
    def find(start: Path | None = None) -> Clone:
        """The clone around `start` (default: `$HEADROOM_ROOT`, else the working directory).

        Raises `NotAClone` when no parent directory holds the project's `Pulumi.yaml` beside `components/`.
        """
        origin = start or Path(os.environ.get("HEADROOM_ROOT") or Path.cwd())
        for directory in (origin.resolve(), *origin.resolve().parents):
            if (directory / "Pulumi.yaml").is_file() and (directory / "components").is_dir():
                return Clone(directory)
        raise NotAClone(f"{origin} is not inside a checkout of headroom: run from the checkout, or set HEADROOM_ROOT to it")

    @property
    def stacks(self) -> tuple[str, ...]:
        """The names of all stacks, in order."""
        return tuple(sorted(file.stem.removeprefix("Pulumi.") for file in (self.root / "stacks").glob("Pulumi.*.yaml")))

    def stack_file(self, stack: str) -> Path:
        """Where the settings of a stack are, whether or not there is such a stack."""
        return self.root / "stacks" / f"Pulumi.{stack}.yaml"

    def known(self, *stacks: str) -> tuple[str, ...]:
        """The stacks that are named, each once. Raises `NoSuchStack` where one of them is none."""
        there = self.stacks
        if unknown := [stack for stack in stacks if stack not in there]:
            raise NoSuchStack(unknown, there)
        return tuple(dict.fromkeys(stacks))

    @property
    def state(self) -> Path:
        return self.root / ".headroom"

    @property
    def bin(self) -> Path:
        """Shims that the Pulumi CLI finds on the PATH."""
        return self.state / "bin"

    @property
    def env_file(self) -> Path:
        """What a shell sources before plain `pulumi` commands."""
        return self.state / "env.sh"

    @property
    def pulumi_home(self) -> Path:
        return self.state / "pulumi"

    @property
    def backend(self) -> Path:
        """Directory of the default `file://` state backend."""
        return self.state / "state"

    @property
    def kube_cache(self) -> Path:
        """What kubectl remembers of clusters; without it that lies in the user's home."""
        return self.state / "kube"

    @property
    def matplotlib(self) -> Path:
        """What matplotlib remembers of fonts; without it that lies in the user's home."""
        return self.state / "matplotlib"

    @property
    def sandbox(self) -> Path:
        return self.state / "sandbox"

    @property
    def kubeconfig(self) -> Path:
        """The sandbox's administrator, by the gateway's port: usable outside the sandbox's network namespace."""
        return self.sandbox / "kubeconfig"
