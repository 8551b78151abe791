"""One module per family of kinds: any version of an object in, facts out.

A module says which objects it reads in `KINDS`, as (API group, kind), and yields facts from `read(document)`. A file of Helm values
has no kind; modules that know a chart's values offer `read_values(document)`.
"""
