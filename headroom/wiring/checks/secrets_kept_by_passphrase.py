"""The secrets of a stack that is for more than one machine are encrypted by a passphrase.

## Why it matters

Everybody who deploys needs the passphrase, so it is passed around. It cannot be taken back from one of them, nobody sees who used it, and
with the stack's file it opens every secret, for ever. An empty one keeps nothing: whoever has the file reads them.

## How to mend it

Let a key service encrypt them: `pulumi stack change-secrets-provider "awskms://alias/<key>"`, `gcpkms://…`, `azurekeyvault://…` or
`hashivault://…`; or keep the stack in Pulumi Cloud, which encrypts by a key of its own. Give the secrets themselves a new value then.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error, warning

_MEND = 'use a key service: pulumi stack change-secrets-provider "awskms://…", "gcpkms://…" or "azurekeyvault://…"'


def check(facts: Facts) -> Iterator[Verdict]:
    for custody in facts.custodies:
        if custody.secrets_provider == "passphrase":
            message = f"the secrets of {custody.name} are encrypted by a passphrase, which everybody who deploys must know"
            yield warning(custody.place, message, _MEND)
        elif custody.secrets_provider == "empty passphrase":
            message = f"the secrets of {custody.name} are encrypted by the empty passphrase: whoever has this file reads them"
            yield error(custody.place, message, f"{_MEND}; and give each of them a new value")
