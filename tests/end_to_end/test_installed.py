"""The wheel, installed where this checkout is out of sight: what it asks for, its commands, and its app in a browser."""

import importlib.metadata
import os
import re
import shutil
import site
import subprocess
import sys
import tomllib
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.release
ROOT = Path(__file__).parents[2]
# The folder that the app starts in has settings of its own, which must not reach it.
OTHERS = "[server]\nmaxUploadSize = 1\n[theme]\nprimaryColor = 'red'\nbackgroundColor = 'blue'\ntextColor = 'yellow'\n"
PARTS = (".stApp", ".st-key-head h1", "nav.cards a", ".stSidebar", ".stSidebar button")
STYLE = """part => (style => [style.color, style.backgroundColor, style.borderColor, style.fontFamily, style.borderRadius])(
    getComputedStyle(part))"""


@dataclass
class Installed:
    wheel: Path
    metadata: importlib.metadata.PackageMetadata
    command: Path  # sc2viz
    folder: Path  # where it is tried
    run: Callable[..., str]  # what a command prints there


def lend_machine_code(home: Path) -> None:
    """Give the package at `home` the machine code that numba has kept for this checkout: to compile it anew takes half a
    minute. Numba takes it for what it is as long as the sources have the same date and size."""
    (home / "__pycache__").mkdir(exist_ok=True)
    for cache_file in ROOT.glob("sc2viz/__pycache__/*.nb[ic]"):
        source = cache_file.name.partition(".")[0] + ".py"
        shutil.copy(cache_file, home / "__pycache__")
        shutil.copystat(ROOT / "sc2viz" / source, home / source)


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Installed:
    """A fresh environment with the wheel; what the wheel needs is read from the environment of the tests."""
    place = tmp_path_factory.mktemp("installed")
    folder = place / "elsewhere"
    (folder / ".streamlit").mkdir(parents=True)
    (folder / ".streamlit" / "config.toml").write_text(OTHERS)
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "STREAMLIT_"))
    }

    def run(*command) -> str:
        done = subprocess.run(
            list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, ROOT)
    (wheel,) = place.glob("*.whl")
    venv.create(place / "venv", symlinks=True)
    scripts = place / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        scripts / "python",
        "install",
        "--quiet",
        "--no-deps",
        wheel,
    )
    (home,) = {
        Path(path)
        for path in run(
            scripts / "python", "-c", "import sc2viz; print(sc2viz.__path__[0])"
        ).splitlines()
    }
    (home.parent / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    lend_machine_code(home)
    (metadata,) = (
        distribution.metadata
        for distribution in importlib.metadata.distributions(name="sc2viz", path=[str(home.parent)])
    )
    return Installed(wheel, metadata, scripts / "sc2viz", folder, run)


def test_the_wheel_is_light_and_asks_for_what_runs_alone(installed):
    assert installed.wheel.stat().st_size <= 40e6
    needed = {re.match(r"[\w-]+", line)[0] for line in installed.metadata.get_all("Requires-Dist")}
    listed = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert needed == {
        re.match(r"[\w-]+", line)[0] for line in listed if line and not line.startswith("#")
    }
    assert {"streamlit", "torch"} <= needed and not {"pytest", "playwright"} & needed


def test_weights_and_results_are_found(installed):
    python = installed.command.with_name("python")
    script = """
from sc2viz import checkpoints, features, solvers
from sc2viz.lab.experiments import records
features.pretrained()
print(checkpoints.load("mnist/slstm").name, len(checkpoints.available()), len(records.load("paper")), checkpoints.__file__)
"""
    name, networks, runs, file = installed.run(python, "-c", script).split()
    assert name == "slstm" and not Path(file).is_relative_to(ROOT)
    records = (ROOT / "pretrained" / "results" / "paper.jsonl").read_bytes().splitlines()
    expected = len(list(ROOT.glob("pretrained/*/*.safetensors"))), len(records)
    others = len(list(ROOT.glob("pretrained/*/dictionary.safetensors"))) + 1  # the feature network
    assert (int(networks), int(runs)) == (expected[0] - others, expected[1])


def test_its_command_evaluates(installed):
    output = installed.run(
        installed.command,
        "evaluate",
        "--data",
        "mnist-5k",
        "--model",
        "mnist/slstm",
        "--lam",
        "0.1",
    )
    assert re.findall(r"^  (\S+) +F +\d+\.\d+", output, re.MULTILINE) == [
        "ista",
        "fista",
        "mnist/slstm",
    ]
    assert installed.run(installed.command, "--help").startswith(
        "usage: sc2viz [-h] [--version] COMMAND"
    )


@pytest.fixture(scope="module")
def from_the_wheel(installed, served, chromium, tmp_path_factory):
    """The address of `sc2viz app`."""
    with served(
        [installed.command, "app"], installed.folder, tmp_path_factory.mktemp("app") / "log"
    ) as address:
        yield address


@pytest.mark.browser
def test_its_app_looks_as_that_of_a_checkout(visit, from_the_wheel):
    looks = []
    for start in ("", f"{from_the_wheel}/"):
        page = visit(f"{start}welcome")
        look = [page.locator(selector).first.evaluate(STYLE) for selector in PARTS]
        icon = page.locator("link[rel='shortcut icon'], link[rel=icon]").first.evaluate(
            "link => link.href"
        )
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(
            "before => getComputedStyle(document.querySelector('.stApp')).color !== before",
            arg=look[0][0],
        )
        dark = [page.locator(selector).first.evaluate(STYLE) for selector in PARTS]
        looks.append((page.title(), (look, dark), page.request.get(icon).body()))
    assert looks[0] == looks[1]
    assert looks[1][2] == (ROOT / "sc2viz" / "ui" / "favicon.png").read_bytes()


@pytest.mark.browser
def test_its_upload_limit_is_that_of_a_checkout(visit, from_the_wheel):
    limits = []
    for start in ("", f"{from_the_wheel}/"):
        page = visit(f"{start}train")
        page.get_by_text("More", exact=True).click()
        limit = page.get_by_test_id("stFileUploaderDropzoneInstructions").filter(
            has_text="SAFETENSORS"
        )
        limits.append(limit.inner_text())
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert limits == [f"{settings['server']['maxUploadSize']}MB per file • SAFETENSORS"] * 2
