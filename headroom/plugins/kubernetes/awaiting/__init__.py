"""When is an object there, and when is it gone: what the provider waits for after it wrote or deleted something.

`loop` looks at the object again and again; a rule of `rules/` (or the annotation `pulumi.com/waitFor`) judges each look
as a pure function; `deletion` waits for the object to go.
"""

from headroom.plugins.kubernetes.awaiting.annotations import timeout_of
from headroom.plugins.kubernetes.awaiting.deletion import wait_deleted
from headroom.plugins.kubernetes.awaiting.loop import wait_ready
from headroom.plugins.kubernetes.awaiting.outcome import BadWaitFor, Cancelled, NotReady, StillThere
from headroom.plugins.kubernetes.awaiting.rules.job import is_failed_job

__all__ = ["BadWaitFor", "Cancelled", "NotReady", "StillThere", "is_failed_job", "timeout_of", "wait_deleted", "wait_ready"]
