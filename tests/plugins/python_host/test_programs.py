"""The real Pulumi CLI runs programs by our language host as it does by its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from pulumi import automation

from tests.plugins.python_host.conftest import Project

pytestmark = pytest.mark.tools


def test_up_gives_the_outputs_of_a_program_and_a_second_up_changes_nothing(project: Project) -> None:
    project.program("import pulumi; pulumi.export('answer', {'value': 42})")

    first, second = project.pulumi("up", "--yes", "--skip-preview"), project.pulumi("up", "--yes", "--skip-preview")

    assert first.returncode == 0, first.stdout
    assert json.loads(project.pulumi("stack", "output", "--json").stdout) == {"answer": {"value": 42}}
    assert "1 unchanged" in second.stdout


def test_a_program_sees_its_stack_configuration_and_dry_run(project: Project) -> None:
    project.pulumi("config", "set", "greeting", "hello")
    project.program("""
        import pulumi
        print(pulumi.get_project(), pulumi.get_stack(), pulumi.Config().require("greeting"), "dry run:", pulumi.runtime.is_dry_run())
    """)

    preview = project.pulumi("preview")

    assert "dev hello dry run: True" in preview.stdout


def test_a_secret_stays_secret_in_outputs_and_state(project: Project) -> None:
    project.pulumi("config", "set", "--secret", "token", "s3cr3t-value")
    project.program("import pulumi; pulumi.export('token', pulumi.Config().require_secret('token'))")

    up = project.pulumi("up", "--yes", "--skip-preview")

    assert up.returncode == 0, up.stdout
    assert "[secret]" in up.stdout
    assert "s3cr3t-value" not in up.stdout + project.pulumi("stack", "export").stdout


def test_an_exception_is_shown_once_and_from_the_users_own_code_on(project: Project) -> None:
    project.program("""
        def deep():
            raise ValueError("boom")
        deep()
    """)

    diagnostics = project.pulumi("preview").stdout.partition("Diagnostics:")[2]

    assert diagnostics.count("Traceback") == 1
    assert diagnostics.count("ValueError: boom") == 1
    assert "runpy" not in diagnostics
    assert "exit code" not in diagnostics


def test_a_run_error_is_a_message_without_a_traceback(project: Project) -> None:
    project.program("import pulumi; raise pulumi.RunError('cluster.name: must be set')")

    preview = project.pulumi("preview")

    assert preview.returncode != 0
    assert "error: cluster.name: must be set" in preview.stdout
    assert "Traceback" not in preview.stdout


def test_a_program_that_exits_by_itself_is_an_error_with_its_code(project: Project) -> None:
    project.program("import sys; print('last words', file=sys.stderr); sys.exit(3)")

    preview = project.pulumi("preview")

    assert preview.returncode != 0
    assert "exited with non-zero exit code: 3" in preview.stdout
    assert "last words" in preview.stdout


def test_a_virtualenv_that_is_not_there_is_named_with_the_command_that_makes_it(project: Project) -> None:
    project.runs_on(virtualenv="missing")

    preview = project.pulumi("preview")

    assert preview.returncode != 0
    assert f"{project.directory}/missing/bin/python: run `pulumi install`" in preview.stdout + preview.stderr


def test_pulumi_install_makes_the_virtualenv(project: Project) -> None:
    project.runs_on(virtualenv="venv")
    (project.directory / "requirements.txt").write_text("")

    installed = project.pulumi("install")

    assert installed.returncode == 0, installed.stderr
    assert (project.directory / "venv" / "bin" / "python").exists()


def test_about_names_the_programs_own_python(project: Project) -> None:
    about = json.loads(project.pulumi("about", "--json").stdout)

    assert about["runtime"]["language"] == "python"
    assert about["runtime"]["executable"] == str(Path(sys.prefix) / "bin" / "python")


def test_the_automation_api_runs_a_local_program(project: Project) -> None:
    project.program("import pulumi; pulumi.export('from', pulumi.Config().require('who'))")
    cli = automation.PulumiCommand(str(Path(project.env["HEADROOM_ROOT"]) / ".headroom"))
    options = automation.LocalWorkspaceOptions(env_vars=dict(project.env), pulumi_command=cli)
    stack = automation.create_or_select_stack("automated", work_dir=str(project.directory), opts=options)
    stack.set_config("who", automation.ConfigValue("automation"))

    result = stack.up()

    assert result.outputs["from"].value == "automation"
