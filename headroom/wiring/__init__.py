"""The verifier: readers turn manifests into facts, checks ask the facts, findings say what does not hold and how to mend it.

`verify(objects)` is the library; nothing here needs a cluster, a tool or this repository.
"""

from headroom.wiring.document import Document
from headroom.wiring.finding import Finding, Severity
from headroom.wiring.source import UnreadableInput, load
from headroom.wiring.verify import verify

__all__ = ["Document", "Finding", "Severity", "UnreadableInput", "load", "verify"]
