"""Clouds for tests: plugins under the names and versions of Pulumi's own for AWS, Google Cloud and Azure that record and do nothing.

They run in tests alone and refuse everything else. What a run against them proves, and what it does not: docs/clouds/recording.md.
"""
