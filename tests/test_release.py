"""What a release is made from agrees: versions, the scripts that workflows run, and the image's user and health check."""

import importlib
import os
import re
from pathlib import Path

import pytest

import sc2viz

ROOT = Path(__file__).parents[1]
HIDDEN = ROOT / ".github"


def test_the_changelog_begins_with_this_version():
    versions = re.findall(
        r"^## (\S+?),? ", (HIDDEN / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert versions[0] == sc2viz.__version__ and len(set(versions)) == len(versions)


def test_readme_says_how_to_cite_this_version_by_its_authors():
    entry = re.search(
        r"@software\{.*?\n\}", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )[0]
    fields = dict(re.findall(r"^ *(\w+) *= *\{+(.*?)\}+,?$", entry, re.MULTILINE))
    year, authors = re.search(
        r"\(c\) (\d+) (.+)", (ROOT / "LICENSE").read_text(encoding="utf-8")
    ).groups()
    assert (fields["version"], fields["author"], fields["year"]) == (
        sc2viz.__version__,
        authors,
        year,
    )


@pytest.mark.parametrize("name", ["films", "handed_out", "pictures", "screens", "sizes"])
def test_what_a_release_runs_finds_its_modules_and_files(name):
    importlib.import_module(name)  # of .ci/


@pytest.mark.parametrize(
    "file", sorted((HIDDEN / "workflows").iterdir()), ids=lambda file: file.stem
)
def test_workflows_run_scripts_that_are_there(file):
    run = set(re.findall(r"^ *- run: (\S+)", file.read_text(encoding="utf-8"), re.MULTILINE))
    assert run and all(os.access(ROOT / script, os.X_OK) for script in run - {"pip", "sc2viz"})


def test_the_action_that_publishes_is_pinned_by_commit():
    """Whoever moves a branch or a tag of it would publish in our name."""
    steps = (HIDDEN / "workflows" / "release.yml").read_text(encoding="utf-8")
    uses = re.findall(r"uses: (?!actions/)(\S+)@(\S+)", steps)
    assert uses and all(re.fullmatch("[0-9a-f]{40}", commit) for _, commit in uses)


def test_the_image_runs_as_a_reader_and_asks_for_health():
    steps = re.findall(
        r"^([A-Z]+) (.*)$", (HIDDEN / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    users = [arguments for step, arguments in steps if step == "USER"]
    assert users == ["reader"] and steps[-1][0] == "CMD"
    assert any(
        step == "HEALTHCHECK" and "/_stcore/health" in arguments for step, arguments in steps
    )


def test_the_notebook_is_kept_without_what_it_printed():
    for notebook in (HIDDEN / "examples").glob("*.ipynb"):
        text = notebook.read_text(encoding="utf-8")
        assert not re.search(r'"outputs": \[\s*\{|"execution_count": \d', text), (
            f"clear the output of {notebook.name}"
        )
