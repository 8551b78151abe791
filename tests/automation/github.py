"""GitHub's API as far as comments of pull requests go, in the place of the network.

It keeps to what docs.github.com says of it: pages with a `Link` header, a token that may or may not write, limits of bodies and of rates.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from headroom.automation.forge_github import ACTIONS, GitHub

TOKEN = "ghs_planted0000000000000000000000000000"
REPOSITORY = "acme/inference"
_LONGEST_BODY = 65_536
_COMMENTS = re.compile(rf"/repos/{REPOSITORY}/issues/(\d+)/comments")
_COMMENT = re.compile(rf"/repos/{REPOSITORY}/issues/comments/(\d+)")


@dataclass
class FakeGitHub:
    """`comments` of pull request 7 by id, oldest first; `failures` are answers that come in the place of the true ones, in
    their order: None is a true one."""

    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    failures: list[httpx.Response | httpx.TransportError | None] = field(default_factory=list)
    may_write: bool = True
    asked: list[str] = field(default_factory=list)
    """Method and path of every request."""
    waited: list[float] = field(default_factory=list)
    loses_answers: int = 0
    """How many of the next things that are written go well without the answer arriving."""

    def client(self, token: str = TOKEN) -> GitHub:
        return GitHub(
            token, "https://api.example.org", transport=httpx.MockTransport(self._answer), wait=self.waited.append, now=lambda: 1000
        )

    def has(self, body: str, login: str = ACTIONS) -> int:
        """Puts a comment there; its id."""
        number = len(self.comments) + 1
        url = f"https://example.org/{REPOSITORY}/pull/7#issuecomment-{number}"
        self.comments[number] = {"id": number, "body": body, "user": {"login": login}, "html_url": url}
        return number

    @property
    def written(self) -> list[str]:
        return [asked for asked in self.asked if not asked.startswith("GET")]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, httpx.TransportError):
            raise failure
        if failure is not None:
            return failure
        if request.headers["authorization"] != f"Bearer {TOKEN}":
            return _no(401, "Bad credentials")
        if request.method == "GET":
            return self._read(request)
        if not self.may_write:
            return _no(403, "Resource not accessible by integration")
        answer = self._write(request)
        if self.loses_answers:
            self.loses_answers -= 1
            raise httpx.ReadTimeout("")
        return answer

    def _read(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == f"/repos/{REPOSITORY}/pulls":
            head = request.url.params["head"]
            open_ones = [pull for pull in self.pulls if pull["state"] == request.url.params["state"]]
            return _page(request, [pull for pull in open_ones if pull["head"]["label"] == head])
        if (found := _COMMENTS.fullmatch(request.url.path)) and found[1] == "7":
            return _page(request, list(self.comments.values()))
        return _no(404, "Not Found")

    def _write(self, request: httpx.Request) -> httpx.Response:
        path, method = request.url.path, request.method
        body = json.loads(request.content or b"{}").get("body", "")
        if len(body) > _LONGEST_BODY:
            return _no(422, "Validation Failed", f"body is too long (maximum is {_LONGEST_BODY} characters)")
        if method == "POST" and (found := _COMMENTS.fullmatch(path)) and found[1] == "7":
            return httpx.Response(201, json=self.comments[self.has(body)])
        if (found := _COMMENT.fullmatch(path)) and (number := int(found[1])) in self.comments:
            if method == "DELETE":
                del self.comments[number]
                return httpx.Response(204)
            self.comments[number]["body"] = body
            return httpx.Response(200, json=self.comments[number])
        return _no(404, "Not Found")


def _page(request: httpx.Request, items: list[dict[str, Any]]) -> httpx.Response:
    size, page = int(request.url.params["per_page"]), int(request.url.params["page"])
    following = request.url.copy_set_param("page", page + 1)
    more = {"link": f'<{following}>; rel="next"'} if page * size < len(items) else {}
    return httpx.Response(200, json=items[(page - 1) * size : page * size], headers=more)


def _no(status: int, message: str, detail: str | None = None) -> httpx.Response:
    errors = {"errors": [{"message": detail}]} if detail else {}
    return httpx.Response(status, json={"message": message, **errors})


def limited(status: int = 403, **headers: str) -> httpx.Response:
    """A refusal for the time being: told by headers, or where there are none by its words."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    message = "Slow down." if headers else "You have exceeded a secondary rate limit."
    return httpx.Response(status, json={"message": message}, headers=named)
