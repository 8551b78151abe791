"""What the engine asks of the plugin for one resource: a module per question.

Values carry `Secret` and `UNKNOWN`. Every operation raises `Failed`, or `PartlyDone` when it left something behind.
"""

from headroom.plugins.kubernetes.operations.checking import check
from headroom.plugins.kubernetes.operations.comparing import Difference, compare
from headroom.plugins.kubernetes.operations.creating import create
from headroom.plugins.kubernetes.operations.deleting import delete
from headroom.plugins.kubernetes.operations.operation import Operation, Plugin
from headroom.plugins.kubernetes.operations.reading import read
from headroom.plugins.kubernetes.operations.updating import update

__all__ = ["Difference", "Operation", "Plugin", "check", "compare", "create", "delete", "read", "update"]
