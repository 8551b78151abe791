"""Which pull request a run speaks of, as the forge tells the steps of its jobs.

Events: docs.github.com, "Webhook events and payloads", pull_request and workflow_run; variables: "Variables reference".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PUBLIC_API = "https://api.github.com"


class ForgeRefused(Exception):
    """The forge cannot be asked, or does not do what it is asked: what would be right is said. Holds no token."""


@dataclass(frozen=True)
class PullRequest:
    repository: str
    """OWNER/NAME."""
    number: int


@dataclass(frozen=True)
class Head:
    """A commit that a finished run was about. What a run for a fork hands on is not to be believed: the event is."""

    repository: str
    """Which the pull request is made to: OWNER/NAME."""
    owner: str
    """Of the repository that it comes from."""
    branch: str
    sha: str


def about(environment: Mapping[str, str], repository: str | None = None, number: int | None = None) -> PullRequest | Head:
    """The pull request `number` of `repository`, each as the job's environment says where it is None. Raises `ForgeRefused`."""
    repository = repository or environment.get("GITHUB_REPOSITORY")
    if not repository:
        raise ForgeRefused("which repository? Give --repository OWNER/NAME, or set GITHUB_REPOSITORY as GitHub Actions does")
    if number is not None:
        return PullRequest(repository, number)
    event = _event(environment)
    if isinstance(found := event.get("pull_request"), Mapping):
        return PullRequest(repository, int(found["number"]))
    if isinstance(run := event.get("workflow_run"), Mapping):
        return _head(repository, run)
    raise ForgeRefused("which pull request? Give --pull-request NUMBER: this is no job of a pull request, or GITHUB_EVENT_PATH is not set")


def run_link(environment: Mapping[str, str]) -> str:
    """The page of the job's run, which keeps what the job leaves; empty outside of a job."""
    parts = [environment.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else ""


def _event(environment: Mapping[str, str]) -> Mapping[str, Any]:
    path = environment.get("GITHUB_EVENT_PATH")
    return json.loads(Path(path).read_text()) if path else {}


def _head(repository: str, run: Mapping[str, Any]) -> Head:
    origin = run.get("head_repository")
    if not origin:
        raise ForgeRefused("the repository that the pull request came from is gone: there is nobody to tell")
    return Head(repository, origin["owner"]["login"], run["head_branch"], run["head_sha"])
