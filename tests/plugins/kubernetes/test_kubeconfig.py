from __future__ import annotations

from pathlib import Path

import pytest

from headroom.plugins.kubernetes.errors import Unreachable
from headroom.plugins.kubernetes.kubeconfig import load, select

TEXT = """
clusters:
- {name: one, cluster: {server: "http://127.0.0.1:1", certificate-authority: ca.crt}}
- {name: two, cluster: {server: "http://127.0.0.1:2"}}
users:
- {name: admin, user: {token: t}}
contexts:
- {name: first, context: {cluster: one, user: admin, namespace: ns}}
- {name: second, context: {cluster: two, user: admin}}
current-context: first
"""


def test_the_current_context_is_meant() -> None:
    target = select(load(TEXT))
    assert (target.server, target.namespace, target.user) == ("http://127.0.0.1:1", "ns", {"token": "t"})


def test_another_context_can_be_named() -> None:
    assert select(load(TEXT), context="second").server == "http://127.0.0.1:2"


def test_another_cluster_can_be_named() -> None:
    assert select(load(TEXT), cluster="two").server == "http://127.0.0.1:2"


def test_a_path_is_as_good_as_the_text(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(TEXT)
    assert select(load(str(tmp_path / "config"))).namespace == "ns"


def test_file_names_in_a_file_are_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(TEXT)
    assert select(load(str(tmp_path / "config"))).cluster["certificate-authority"] == str(tmp_path / "ca.crt")


def test_nothing_given_means_the_ambient_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(TEXT)
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'missing'}:{tmp_path / 'config'}")
    assert select(load("")).server == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("text", "context", "reason"),
    [
        (TEXT, "nope", 'context "nope" does not exist'),
        ("{", "", "failed to parse kubeconfig"),
        ("/no/such/file", "", "neither the path of a file nor a YAML mapping"),
        ("{}", "", "no configuration has been provided"),
    ],
    ids=["missing context", "broken YAML", "missing file", "empty"],
)
def test_what_is_wrong_is_told(text: str, context: str, reason: str) -> None:
    with pytest.raises(Unreachable, match=reason):
        select(load(text), context=context)
