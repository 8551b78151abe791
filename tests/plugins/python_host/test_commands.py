from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from headroom.plugins.protocol import language_pb2
from headroom.plugins.python_host import commands
from headroom.plugins.python_host.interpreter import Interpreter, InterpreterError, interpreter, virtualenv
from headroom.plugins.python_host.packages import Plugin, packages, resource_plugins

REQUEST = language_pb2.RunRequest(
    project="shop",
    stack="dev",
    pwd="/shop",
    dryRun=True,
    parallel=16,
    monitor_address="127.0.0.1:1",
    organization="organization",
    config={"shop:size": "3", "shop:token": "secret"},
    configSecretKeys=["shop:token"],
    info=language_pb2.ProgramInfo(root_directory="/shop", program_directory="/shop", entry_point="."),
)


def test_a_program_is_run_by_pulumis_executor_with_all_that_it_may_ask() -> None:
    argv = commands.run(Path("/bin/executor"), "127.0.0.1:2", REQUEST)

    assert argv[:2] == ["-u", "/bin/executor"]
    assert dict(zip(argv[2:-1:2], argv[3:-1:2], strict=True)) == {
        "--monitor": "127.0.0.1:1",
        "--engine": "127.0.0.1:2",
        "--project": "shop",
        "--root_directory": "/shop",
        "--stack": "dev",
        "--pwd": "/shop",
        "--dry_run": "true",
        "--parallel": "16",
        "--organization": "organization",
    }
    assert argv[-1] == "."


def test_configuration_goes_in_the_environment_and_not_on_the_command_line() -> None:
    assert not any("secret" in argument for argument in commands.run(Path("/x"), "e", REQUEST))
    given = commands.configuration(REQUEST)
    assert json.loads(given["PULUMI_CONFIG"]) == {"shop:size": "3", "shop:token": "secret"}
    assert json.loads(given["PULUMI_CONFIG_SECRET_KEYS"]) == ["shop:token"]


def test_a_policy_pack_runs_through_the_sdk() -> None:
    assert commands.run_plugin("analyzer", "/pack", ["engine"]) == ["-u", "-m", "pulumi.policy", "engine", "/pack"]


def test_another_plugin_runs_as_a_program() -> None:
    assert commands.run_plugin("resource", "/plugin", ["engine"]) == ["-u", "/plugin", "engine"]


@pytest.mark.parametrize(
    ("code", "response"),
    [
        (0, {}),
        (32, {"bail": True}),
        (1, {"error": "Program exited with non-zero exit code: 1"}),
        (-9, {"error": "Program was ended by signal 9"}),
    ],
)
def test_what_the_engine_hears_of_an_exit_code(code: int, response: dict[str, object]) -> None:
    assert commands.failure(code) == response


def test_installing_makes_the_virtualenv_once(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pulumi\n")
    target = tmp_path / "venv"

    first = commands.install(target, Path("/usr/bin/python3"), tmp_path)
    (target / "bin").mkdir(parents=True)
    (target / "bin" / "python").touch()
    second = commands.install(target, Path("/usr/bin/python3"), tmp_path)

    assert first[0] == [Path("/usr/bin/python3"), "-m", "venv", target]
    assert second == first[1:]


def test_a_virtualenv_is_relative_to_the_project() -> None:
    assert virtualenv(Path("/shop"), {"virtualenv": ".venv"}) == Path("/shop/.venv")
    assert virtualenv(Path("/shop"), {"virtualenv": "/opt/venv"}) == Path("/opt/venv")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"toolchain": "poetry"}, "does not know the toolchain 'poetry': use pip"),
        ({"toolchain": "uv"}, "does not know the toolchain 'uv': use pip"),
        ({"typechecker": "mypy"}, "does not know the runtime option typechecker: it knows toolchain, virtualenv"),
    ],
)
def test_what_the_stand_in_does_not_know_it_refuses_by_name(options: dict[str, str], message: str) -> None:
    with pytest.raises(InterpreterError, match=message):
        virtualenv(Path("/shop"), options)


def test_without_a_virtualenv_the_python_of_the_path_runs_the_program(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.touch(mode=0o755)

    found = interpreter(Path("/shop"), {}, {"PATH": str(tmp_path)})

    assert (found.python, found.environment({"PATH": "/bin"})) == (python, {"PATH": "/bin"})


def test_inside_a_virtualenv_its_programs_come_first(tmp_path: Path) -> None:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").touch()

    inside = interpreter(tmp_path, {"virtualenv": "venv"}, {}).environment({"PATH": "/bin", "PYTHONHOME": "/x"})

    assert inside == {"PATH": f"{tmp_path}/venv/bin:/bin", "VIRTUAL_ENV": f"{tmp_path}/venv"}


def test_a_package_that_was_half_removed_is_none(tmp_path: Path) -> None:
    (tmp_path / "~broken.dist-info").mkdir()
    found = packages(Interpreter(Path(sys.executable), None), {"PYTHONPATH": str(tmp_path)})
    assert "pulumi" in dict(found)


def test_only_resource_plugins_are_required_each_once_with_its_version() -> None:
    manifests = [
        {"resource": True, "name": "kubernetes", "version": "4.34.2"},
        {"resource": True, "name": "kubernetes", "version": "4.34.2"},
        {"resource": True, "name": "own", "version": "v1.0.0", "server": "here"},
        {"resource": False, "name": "none"},
    ]

    assert resource_plugins(manifests) == [Plugin("kubernetes", "v4.34.2", ""), Plugin("own", "v1.0.0", "here")]
