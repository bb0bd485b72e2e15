"""Docs that cannot rot: the README's commands exist, its links lead somewhere, its settings are the settings."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.settings import Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")
DOCS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "deploy" / "README.md",
    ROOT / "deploy" / "local-llm" / "README.md",
]


def test_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"\bmake ([a-z-]+)", README)):
        assert re.search(rf"^{target}:", makefile, re.M), target


@pytest.mark.parametrize("told", sorted(set(re.findall(r"`kei ([a-z][^`]*)`", README))))
def test_kei_commands_of_the_readme_have_help(told: str) -> None:
    words = [word for word in told.split() if re.fullmatch("[a-z-]+", word) and not word.startswith("-")]
    group = CliRunner().invoke(app, [words[0], "--help"])
    assert group.exit_code == 0
    # "kei user add": the second word may be a command of its own.
    one = CliRunner().invoke(app, [*words[:2], "--help"]) if "COMMAND" in group.output else group
    assert one.exit_code == 0
    for option in re.findall(r"--[a-z-]+", told):
        assert option in re.sub(r"\x1b\[[0-9;]*m", "", one.output), option


def test_settings_of_the_readme_are_the_settings() -> None:
    named = {n.removeprefix("KEI_").lower() for n in re.findall(r"`(KEI_[A-Z_]+)`", README)}
    assert named == set(Settings.model_fields)


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_links_lead_somewhere(path: object) -> None:
    from pathlib import Path

    assert isinstance(path, Path)
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


def test_the_changelog_names_the_version() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert version
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_python_of_the_readme_runs(assistant: object, monkeypatch: pytest.MonkeyPatch) -> None:
    import assistant.answer as door

    monkeypatch.setattr(door.Assistant, "open", classmethod(lambda cls: assistant))
    code = re.search(r"```python\n(.+?)```", README, re.S)
    assert code
    exec(compile(code[1], "README.md", "exec"), {})
