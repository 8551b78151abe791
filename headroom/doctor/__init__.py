"""Whether the loops of a stack hold (`loop`); what a cluster has, what of it a stack would collide with, and what to write in its file.

`read` asks the API server, `detect` says what its objects mean, `conflicts` and `differences` compare that with a stack, `advise`
writes its platform. All but `read` are pure.
"""

from headroom.doctor.advice import advise, differences
from headroom.doctor.conflicts import conflicts
from headroom.doctor.detect import detect
from headroom.doctor.found import Found
from headroom.doctor.reading import Reading, read

__all__ = ["Found", "Reading", "advise", "conflicts", "detect", "differences", "read"]
