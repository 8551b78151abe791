"""A pull request's one comment on GitHub: found by its marker, made or changed, never made twice.

API: docs.github.com, "REST API endpoints for issue comments" and "for pull requests"; limits: "Best practices for using the REST API".
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import httpx

from headroom.automation.forge import PUBLIC_API, ForgeRefused, Head, PullRequest

ACTIONS = "github-actions[bot]"
"""Who writes with the token of a job."""

_T = TypeVar("_T")

_MARKER = re.compile(r"<!-- .+ -->")
_PAGE = 100
_ATTEMPTS = 4
_LONGEST_WAIT = 120.0
"""Seconds. Whoever is asked to wait longer fails, and says so."""
_WAIT_WHEN_LIMITED = 60.0
_TIMEOUT = 20.0

_ADVICE = {
    401: "the token is not valid: is GITHUB_TOKEN that of this job, and not expired?",
    403: "the token may not do that: the job needs `permissions: pull-requests: write`, and a job for a fork never has it (docs/ci.md)",
    404: "there is no such thing, or the token cannot see it: are repository and number right?",
    410: "it is gone, or issues are switched off in this repository",
}


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Put:
    outcome: Outcome
    url: str
    """Of the comment."""


class _Again(Exception):
    """It may go well a little later: after so many seconds."""

    def __init__(self, seconds: float, reason: str):
        super().__init__(reason)
        self.seconds = seconds


class _Absent(ForgeRefused):
    """There is no such thing."""


class GitHub:
    """Asks the REST API as the owner of `token`. `wait` sleeps, `now` tells the time in seconds since 1970."""

    def __init__(
        self,
        token: str,
        api: str = PUBLIC_API,
        *,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ):
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "headroom",
        }
        self._client = httpx.Client(base_url=api, headers=headers, timeout=_TIMEOUT, transport=transport)
        self._wait = wait
        self._now = now

    def put_comment(self, pull: PullRequest, body: str, author: str = ACTIONS) -> Put:
        """Makes `body` the one comment of its marker, its first line, that `author` has on the pull request. Raises `ForgeRefused`."""
        marker = body.partition("\n")[0].strip()
        if not _MARKER.fullmatch(marker):
            raise ForgeRefused("the comment's first line is no marker such as <!-- headroom -->, by which it is found again")
        return self._patiently(lambda: self._put(pull, body, marker, author))

    def open_pull_request(self, head: Head) -> PullRequest | None:
        """The newest open pull request whose last commit is `head`; None where that has moved on or is closed. Raises `ForgeRefused`."""
        query = {"state": "open", "head": f"{head.owner}:{head.branch}"}
        found = self._patiently(lambda: list(self._listed(f"/repos/{head.repository}/pulls", query)))
        numbers = [pull["number"] for pull in found if pull["head"]["sha"] == head.sha]
        return PullRequest(head.repository, max(numbers)) if numbers else None

    def _put(self, pull: PullRequest, body: str, marker: str, author: str) -> Put:
        comments = f"/repos/{pull.repository}/issues/{pull.number}/comments"
        ours = [comment for comment in self._listed(comments) if _is_ours(comment, marker, author)]
        if not ours:
            return Put(Outcome.CREATED, self._ask("POST", comments, json={"body": body}).json()["html_url"])
        first, *doubles = ours
        for double in doubles:  # of two runs that began at the same time
            self._change("DELETE", pull, double)
        if _same(first["body"], body):
            return Put(Outcome.UNCHANGED, first["html_url"])
        return Put(Outcome.UPDATED, self._change("PATCH", pull, first, json={"body": body}).json()["html_url"])

    def _change(self, method: str, pull: PullRequest, comment: dict[str, Any], **request: Any) -> httpx.Response:
        """Does something to a comment that was listed a moment ago; where it is gone since, all is looked at anew."""
        try:
            return self._ask(method, f"/repos/{pull.repository}/issues/comments/{comment['id']}", **request)
        except _Absent as gone:
            raise _Again(0, str(gone)) from None

    def _listed(self, path: str, query: dict[str, str] | None = None) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            answer = self._ask("GET", path, params={**(query or {}), "per_page": _PAGE, "page": page})
            yield from answer.json()
            if "next" not in answer.links:
                return
            page += 1

    def _patiently(self, act: Callable[[], _T]) -> _T:
        """What `act` gives. It is begun anew after a failure that passes: nobody knows whether what failed was done."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return act()
            except _Again as again:
                seconds = again.seconds or float(2**attempt)
                if attempt == _ATTEMPTS or seconds > _LONGEST_WAIT:
                    raise ForgeRefused(f"{again}; tried {attempt} times") from None
                self._wait(seconds)
        raise AssertionError("unreachable")

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, path, **request)
        except httpx.TransportError as error:
            raise _Again(0, f"{self._client.base_url.host} does not answer: {type(error).__name__} {error}".rstrip()) from None
        if answer.is_success:
            return answer
        said = _said(answer)
        what = f"{method} {path}: GitHub answers {answer.status_code}{f', {said}' if said else ''}"
        if answer.is_server_error:
            raise _Again(0, what)
        if _is_limited(answer, said):
            raise _Again(self._until_allowed(answer), what)
        advice = _ADVICE.get(answer.status_code)
        refusal = _Absent if answer.status_code == httpx.codes.NOT_FOUND else ForgeRefused
        raise refusal(f"{what}; {advice}" if advice else what)

    def _until_allowed(self, answer: httpx.Response) -> float:
        if (asked := answer.headers.get("retry-after", "")).isdecimal():
            return max(float(asked), 1.0)
        if answer.headers.get("x-ratelimit-remaining") == "0":
            return max(float(answer.headers["x-ratelimit-reset"]) - self._now(), 1.0)
        return _WAIT_WHEN_LIMITED


def _is_ours(comment: dict[str, Any], marker: str, author: str) -> bool:
    """Whoever may comment may copy a marker: what others wrote is theirs."""
    return (comment.get("user") or {}).get("login") == author and (comment.get("body") or "").partition("\n")[0].strip() == marker


def _same(there: str, wanted: str) -> bool:
    return there.replace("\r\n", "\n").strip() == wanted.strip()


def _is_limited(answer: httpx.Response, said: str) -> bool:
    spent = answer.headers.get("x-ratelimit-remaining") == "0"
    return answer.status_code in (403, 429) and (spent or "retry-after" in answer.headers or "rate limit" in said.lower())


def _said(answer: httpx.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        return ""
    details = [str(found.get("message", "")) for found in said.get("errors") or [] if isinstance(found, dict)]
    return ": ".join(filter(None, [str(said.get("message", "")), *details]))
