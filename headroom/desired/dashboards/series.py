"""What the panels of all dashboards select by."""

from __future__ import annotations

from headroom.catalog.names import NAMESPACE_LABEL, POD_LABEL, SERVER_LABEL
from headroom.desired.dashboards.grafana import Variable

IN_NAMESPACE = f'{NAMESPACE_LABEL}=~"$namespace"'
CHOSEN = f'{IN_NAMESPACE}, {SERVER_LABEL}=~"$server"'
"""The servers that the reader has chosen at the top of the dashboard."""

OF_POD = f"({NAMESPACE_LABEL}, {POD_LABEL}, {SERVER_LABEL})"
OF_SERVER = f"({NAMESPACE_LABEL}, {SERVER_LABEL})"


def chosen_by(series: str) -> tuple[Variable, Variable]:
    """The choice of namespace and server among those that have `series`."""
    of_servers = f'{SERVER_LABEL}!=""'
    return (
        Variable(NAMESPACE_LABEL, f"{series}{{{of_servers}}}"),
        Variable(SERVER_LABEL, f"{series}{{{of_servers}, {IN_NAMESPACE}}}"),
    )
