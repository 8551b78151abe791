"""`helm.v3.Release`: what the engine asks of the plugin for one release, answered by running Helm.

Helm is the `helm` that `headroom.tools` finds. It is looked for, and everything here imported, when a program has a Release.
"""

from headroom.plugins.kubernetes.helm.checking import check
from headroom.plugins.kubernetes.helm.comparing import compare
from headroom.plugins.kubernetes.helm.creating import create
from headroom.plugins.kubernetes.helm.deleting import delete
from headroom.plugins.kubernetes.helm.reading import read
from headroom.plugins.kubernetes.helm.updating import update

__all__ = ["check", "compare", "create", "delete", "read", "update"]
