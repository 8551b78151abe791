"""A pull request has one comment of ours, whatever happens on the way to GitHub."""

from __future__ import annotations

import httpx
import pytest

from headroom.automation.forge import ForgeRefused, Head, PullRequest
from headroom.automation.forge_github import Outcome
from tests.automation.github import REPOSITORY, TOKEN, FakeGitHub, limited
from tests.evidence import Proof

pytestmark = pytest.mark.proves("The pull request's one comment: made, changed, never made twice", Proof.SCHEMA)

MARKER = "<!-- headroom: all stacks -->"
PULL = PullRequest(REPOSITORY, 7)
OLD, NEW = f"{MARKER}\nnothing changes\n", f"{MARKER}\n2 stacks change\n"


def bodies(forge: FakeGitHub) -> list[str]:
    return [comment["body"] for comment in forge.comments.values()]


def test_the_first_run_makes_the_comment() -> None:
    forge = FakeGitHub()
    forge.has("a reviewer's remark", login="rika")
    put = forge.client().put_comment(PULL, NEW)
    assert (put.outcome, put.url) == (Outcome.CREATED, f"https://example.org/{REPOSITORY}/pull/7#issuecomment-2")
    assert bodies(forge) == ["a reviewer's remark", NEW]


def test_a_later_run_changes_it() -> None:
    forge = FakeGitHub()
    forge.has(OLD)
    assert forge.client().put_comment(PULL, NEW).outcome == Outcome.UPDATED
    assert bodies(forge) == [NEW]


def test_the_same_again_is_not_written() -> None:
    forge = FakeGitHub()
    forge.has(NEW.replace("\n", "\r\n"))  # as GitHub may give back what a browser wrote
    assert forge.client().put_comment(PULL, NEW).outcome == Outcome.UNCHANGED
    assert forge.written == []


def test_it_is_found_behind_hundreds_of_others() -> None:
    forge = FakeGitHub()
    for number in range(250):
        forge.has(f"remark {number}", login="rika")
    ours = forge.has(OLD)
    assert forge.client().put_comment(PULL, NEW).outcome == Outcome.UPDATED
    assert forge.comments[ours]["body"] == NEW


def test_what_somebody_else_wrote_under_our_marker_stays_theirs() -> None:
    forge = FakeGitHub()
    theirs = forge.has(OLD, login="mallory")
    assert forge.client().put_comment(PULL, NEW).outcome == Outcome.CREATED
    assert forge.comments[theirs]["body"] == OLD


def test_a_comment_that_quotes_the_marker_is_another_one() -> None:
    forge = FakeGitHub()
    quoting = forge.has(f"see below\n{OLD}")
    assert forge.client().put_comment(PULL, NEW).outcome == Outcome.CREATED
    assert forge.comments[quoting]["body"] == f"see below\n{OLD}"


def test_of_two_that_two_runs_made_one_is_left() -> None:
    forge = FakeGitHub()
    forge.has(OLD)
    forge.has(OLD)
    assert forge.client().put_comment(PULL, NEW).outcome == Outcome.UPDATED
    assert bodies(forge) == [NEW]


def test_a_comment_that_goes_while_it_is_changed_is_looked_for_again() -> None:
    forge = FakeGitHub(failures=[None, httpx.Response(404)])
    forge.has(OLD)
    assert forge.client().put_comment(PULL, NEW).outcome == Outcome.UPDATED
    assert forge.asked == [
        asked for _ in range(2) for asked in (f"GET /repos/{REPOSITORY}/issues/7/comments", f"PATCH /repos/{REPOSITORY}/issues/comments/1")
    ]


def test_an_answer_that_got_lost_makes_no_second_comment() -> None:
    forge = FakeGitHub(loses_answers=1)
    assert forge.client().put_comment(PULL, NEW).outcome == Outcome.UNCHANGED
    assert bodies(forge) == [NEW]


@pytest.mark.parametrize("failure", [httpx.Response(502), httpx.ConnectError("refused")], ids=["server", "network"])
def test_a_failure_that_passes_is_waited_for(failure: httpx.Response | httpx.TransportError) -> None:
    forge = FakeGitHub(failures=[failure])
    assert forge.client().put_comment(PULL, NEW).outcome == Outcome.CREATED
    assert forge.waited == [2.0]


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (limited(retry_after="17"), 17.0),
        (limited(429, x_ratelimit_remaining="0", x_ratelimit_reset="1042"), 42.0),
        (limited(), 60.0),
    ],
    ids=["asked", "until reset", "a minute"],
)
def test_it_is_asked_again_when_github_allows_it(answer: httpx.Response, seconds: float) -> None:
    forge = FakeGitHub(failures=[answer])
    assert forge.client().put_comment(PULL, NEW).outcome == Outcome.CREATED
    assert forge.waited == [seconds]


def test_nobody_waits_for_an_hour() -> None:
    forge = FakeGitHub(failures=[limited(retry_after="3600")])
    with pytest.raises(ForgeRefused, match="Slow down"):
        forge.client().put_comment(PULL, NEW)
    assert forge.waited == []


def test_after_some_attempts_it_is_given_up() -> None:
    forge = FakeGitHub(failures=[httpx.Response(503) for _ in range(9)])
    with pytest.raises(ForgeRefused, match="GitHub answers 503; tried 4 times"):
        forge.client().put_comment(PULL, NEW)
    assert forge.waited == [2.0, 4.0, 8.0]


def test_a_token_that_may_not_write_is_told_what_it_needs() -> None:
    forge = FakeGitHub(may_write=False)
    with pytest.raises(ForgeRefused, match="pull-requests: write"):
        forge.client().put_comment(PULL, NEW)
    assert forge.waited == []


def test_a_pull_request_that_is_not_there_is_named() -> None:
    with pytest.raises(
        ForgeRefused, match=rf"GET /repos/{REPOSITORY}/issues/8/comments: GitHub answers 404.*are repository and number right"
    ):
        FakeGitHub().client().put_comment(PullRequest(REPOSITORY, 8), NEW)


def test_what_github_does_not_take_is_told_in_its_words() -> None:
    with pytest.raises(ForgeRefused, match="Validation Failed: body is too long"):
        FakeGitHub().client().put_comment(PULL, f"{MARKER}\n{'x' * 65_536}")


def test_no_token_is_in_a_refusal() -> None:
    with pytest.raises(ForgeRefused) as refusal:
        FakeGitHub().client(token=f"{TOKEN}x").put_comment(PULL, NEW)
    assert "not valid" in str(refusal.value)
    assert TOKEN not in str(refusal.value)


def test_a_comment_without_a_marker_would_be_lost_and_is_refused() -> None:
    forge = FakeGitHub()
    with pytest.raises(ForgeRefused, match="no marker"):
        forge.client().put_comment(PULL, "2 stacks change")
    assert forge.asked == []


def pull(number: int, sha: str, state: str = "open", label: str = "rika:faster") -> dict[str, object]:
    return {"number": number, "state": state, "head": {"label": label, "sha": sha}}


@pytest.mark.parametrize(
    ("pulls", "found"),
    [
        ([pull(7, "abc")], 7),
        ([pull(7, "def")], None),
        ([pull(7, "abc", state="closed")], None),
        ([pull(7, "abc", label="mallory:faster")], None),
        ([pull(7, "abc"), pull(9, "abc")], 9),
    ],
    ids=["open", "moved on", "closed", "of another fork", "newest"],
)
def test_a_finished_run_speaks_to_the_open_pull_request_of_its_commit(pulls: list[dict[str, object]], found: int | None) -> None:
    head = Head(REPOSITORY, owner="rika", branch="faster", sha="abc")
    assert FakeGitHub(pulls=pulls).client().open_pull_request(head) == (PullRequest(REPOSITORY, found) if found else None)
