"""What can go wrong between the plugin and a cluster.

ClusterError
├── Unreachable        no configuration or a wrong one, no connection, or no permission to read the schema
│   └── NotJson        something answered, as no API server does
└── ApiError           the API server answered with a Status
    └── NoMatch        the server does not know the kind
"""

from __future__ import annotations


class ClusterError(Exception):
    """A cluster could not do what was asked."""


class Unreachable(ClusterError):
    """No answer from the API server. The message reads like client-go's, which users search for."""


class NotJson(Unreachable):
    """Something answered in its place: a login page, another server."""


class ApiError(ClusterError):
    """The API server refused: HTTP `status`, machine-readable `reason` (`NotFound`, `Conflict`, …) and its own `message`."""

    def __init__(self, status: int, reason: str, message: str, details: dict | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.details = details or {}

    @property
    def not_found(self) -> bool:
        return self.status == 404

    @property
    def forbidden(self) -> bool:
        return self.status == 403

    @property
    def missing_namespace(self) -> bool:
        """The object's namespace, not the object, is what was not found."""
        return self.not_found and self.details.get("kind") == "namespaces"


class NoMatch(ApiError):
    """The API server does not serve this apiVersion and kind."""

    def __init__(self, api_version: str, kind: str) -> None:
        super().__init__(404, "NoMatch", f'no matches for kind "{kind}" in version "{api_version}"')
