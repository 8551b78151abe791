"""The environment in which plain `pulumi` and `kubectl` commands work on a clone, for subprocesses and for shells."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from headroom.paths import Clone

_CLONE_STATE = "/.headroom/state"


def environment(clone: Clone, base: Mapping[str, str] | None = None, *, official: bool = False) -> dict[str, str]:
    """`base` (default: the process's own environment) as `.headroom/env.sh` makes it.

    What the user chose stays: a backend, a passphrase. `official` is whether the Pulumi CLI is Pulumi's own with its plugins.
    """
    ours = dict(os.environ if base is None else base)
    ours |= _fixed(clone, official)
    path = [part for part in ours.get("PATH", os.defpath).split(os.pathsep) if part != str(clone.bin)]
    ours["PATH"] = os.pathsep.join((str(clone.bin), *path))
    if ours.get("PULUMI_BACKEND_URL", _CLONE_STATE).endswith(_CLONE_STATE):
        ours["PULUMI_BACKEND_URL"] = _backend(clone)
    if "PULUMI_CONFIG_PASSPHRASE_FILE" not in ours:
        ours.setdefault("PULUMI_CONFIG_PASSPHRASE", "")
    return ours


def script(clone: Clone, *, official: bool = False) -> str:
    """The same as a POSIX shell script to source."""
    fixed = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in _fixed(clone, official).items())
    directory = shlex.quote(str(clone.bin))
    return f"""# Source this before plain `pulumi` and `kubectl` commands. Generated: changes are overwritten.
{fixed}
case ":$PATH:" in
  :{directory}:*) ;;
  *) export PATH={directory}:"$PATH" ;;
esac
case "${{PULUMI_BACKEND_URL:-{_CLONE_STATE}}}" in
  *{_CLONE_STATE}) export PULUMI_BACKEND_URL={shlex.quote(_backend(clone))} ;;
esac
if [ -z "${{PULUMI_CONFIG_PASSPHRASE_FILE+set}}" ]; then
  export PULUMI_CONFIG_PASSPHRASE="${{PULUMI_CONFIG_PASSPHRASE-}}"
fi
"""


def _fixed(clone: Clone, official: bool) -> dict[str, str]:
    fixed = {
        "HEADROOM_ROOT": str(clone.root),
        "KUBECONFIG": str(clone.kubeconfig),
        "KUBECACHEDIR": str(clone.kube_cache),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    if official:
        return fixed
    return fixed | {
        "PULUMI_HOME": str(clone.pulumi_home),
        # Our plugins are in place; nothing else can be fetched where the official CLI cannot.
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_CREDENTIAL_STORE": "plaintext",
    }


def _backend(clone: Clone) -> str:
    return Path(clone.backend).as_uri()
