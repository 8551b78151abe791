from __future__ import annotations

import errno
import json
from pathlib import Path
from unittest import mock

import pytest
import yaml

from headroom.plugins.kubernetes.errors import Unreachable
from headroom.plugins.kubernetes.kubeconfig import as_one, files, load, not_covered, select, text

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


@pytest.mark.parametrize(("command", "meant"), [("bin/login", "{}/bin/login"), ("aws", "aws")], ids=["path", "name"])
def test_a_plugin_in_a_file_is_relative_to_it_unless_it_is_looked_for(tmp_path: Path, command: str, meant: str) -> None:
    (tmp_path / "config").write_text(yaml.safe_dump({"users": [{"name": "admin", "user": {"exec": {"command": command}}}]}))
    (user,) = load(str(tmp_path / "config"))["users"]
    assert user["user"]["exec"]["command"] == meant.format(tmp_path)


def test_nothing_given_means_the_ambient_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(TEXT)
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'missing'}:{tmp_path / 'config'}")
    assert select(load("")).server == "http://127.0.0.1:1"


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"\xff")
    with pytest.raises(Unreachable, match=f"unable to read {tmp_path / 'config'}: it is no text"):
        load(str(tmp_path / "config"))


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(TEXT)
    monkeypatch.setattr(Path, "read_text", mock.Mock(side_effect=PermissionError(errno.EACCES, "Permission denied")))
    with pytest.raises(Unreachable, match=f"unable to read {tmp_path / 'config'}: Permission denied"):
        load(str(tmp_path / "config"))


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    """Two kubeconfigs in directories of their own, the current context in the first one and its cluster in the second."""
    documents = {
        "a": {
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "one", "user": "admin"}}],
            "users": [{"name": "admin", "user": {"token": "of-the-first"}}],
        },
        "b": {
            "current-context": "there",
            "clusters": [{"name": "one", "cluster": {"server": "https://one", "certificate-authority": "ca.crt"}}],
            "contexts": [{"name": "there", "context": {"cluster": "one", "user": "admin"}}],
            "users": [{"name": "admin", "user": {"token": "of-the-second"}}],
        },
    }
    for directory, document in documents.items():
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "config").write_text(yaml.safe_dump(document))
    return [tmp_path / directory / "config" for directory in documents]


def test_the_files_of_a_list_are_read_as_one(two: list[Path]) -> None:
    assert select(as_one(two)).server == "https://one"


def test_the_first_file_of_a_list_wins(two: list[Path]) -> None:
    assert select(as_one(two)).user == {"token": "of-the-first"}


def test_a_name_stands_once_in_a_list_that_is_read_as_one(two: list[Path]) -> None:
    """kubectl refuses a kubeconfig with a name that stands twice."""
    assert len(as_one(two)["users"]) == 1


def test_the_text_of_a_list_means_what_the_list_means(two: list[Path]) -> None:
    assert select(load(text(two))) == select(as_one(two))


def test_the_text_of_a_list_says_where_its_files_are(two: list[Path]) -> None:
    assert select(load(text(two))).cluster["certificate-authority"] == str(two[1].parent / "ca.crt")


def test_a_file_that_says_all_by_itself_stays_as_it_is_written(tmp_path: Path) -> None:
    """The text is an input of a Provider: another spelling would be a change."""
    written = '{"clusters": [{"name": "one", "cluster": {"server": "https://one"}}]} # ours'
    (tmp_path / "config").write_text(written)
    assert text([tmp_path / "missing", tmp_path / "config"]) == written


def test_the_text_of_a_file_with_nothing_in_it_is_no_way_to_another_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(TEXT)
    (tmp_path / "empty").touch()
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    with pytest.raises(Unreachable, match="no configuration has been provided"):
        select(load(text([tmp_path / "empty"])))


def test_a_text_of_one_long_line_is_no_path() -> None:
    document = {"clusters": [{"name": "one", "cluster": {"server": "https://one", "certificate-authority-data": "e" * 300}}]}
    assert load(json.dumps(document)) == document


def test_a_shell_that_names_no_kubeconfig_means_the_users_own() -> None:
    assert files({}) == [Path.home() / ".kube" / "config"]


@pytest.mark.parametrize(
    ("document", "context", "reason"),
    [
        (TEXT, "nope", 'context "nope" does not exist'),
        ("{", "", "failed to parse kubeconfig"),
        ("/no/such/file", "", "neither the path of a file nor a YAML mapping"),
        ("{}", "", "no configuration has been provided"),
        ("clusters: {one: {}}", "", "clusters is no list of mappings"),
        ("~nosuch/config", "", "neither the path of a file nor a YAML mapping"),
        (
            "clusters: [{name: one, cluster: {server: 'https://[::1'}}]\ncontexts: [{context: {cluster: one}, name: c}]",
            "c",
            "server .* is no URL",
        ),
        ("clusters: [{name: one, cluster: {server: 8080}}]\ncontexts: [{context: {cluster: one}, name: c}]", "c", "server .* is no URL"),
        ("clusters: [{name: one, cluster: here}]", "", "clusters is no list of mappings"),
    ],
    ids=[
        *("missing context", "broken YAML", "missing file", "empty", "a section that is no list"),
        *("the directory of nobody", "a broken URL", "a number for a URL", "an entry that is no mapping"),
    ],
)
def test_what_is_wrong_is_told(document: str, context: str, reason: str) -> None:
    with pytest.raises(Unreachable, match=reason):
        select(load(document), context=context)


@pytest.mark.parametrize(
    ("section", "key"),
    [("clusters", "proxy-url"), ("users", "as"), ("users", "as-groups"), ("users", "auth-provider")],
)
def test_what_leads_elsewhere_or_makes_somebody_else_of_us_is_refused_by_name(section: str, key: str) -> None:
    document = load(TEXT)
    document[section][0][section[:-1]][key] = "x"
    assert f"does not read `{key}` of a kubeconfig's {section[:-1]}" in (not_covered(select(document)) or "")


def test_what_is_not_covered_matters_only_where_it_is_used() -> None:
    document = load(TEXT)
    document["clusters"][1]["cluster"]["proxy-url"] = "x"
    assert not_covered(select(document)) is None
