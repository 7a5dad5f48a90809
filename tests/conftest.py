import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, local_script_runner
from streamlit.util import calc_hash

from sc2viz import solvers
from sc2viz.draw import style
from sc2viz.solvers import registry

ROOT = Path(__file__).parents[1]
WITHOUT_CODES = (
    "test_data",
    "test_checkpoints",
    "test_no_solver",
    "test_activations",
    "test_words",
    "analysis/test_one_iteration",
    "browser/test_modules",
    "draw/",
    "features/",
    "files/",
    "lab/experiments/test_records",
    "lab/reports/",
    "lab/weights/test_feature",
    "lab/weights/test_filter",
    "training/test_losses",
    "solvers/",
)
LONG = ("end_to_end/", "pages/", "cli/test_commands", "training/test_training")
FIRST = [f"tests/{start}" for start in (*WITHOUT_CODES, *LONG)]

torch.set_num_threads(1)  # the tests' products are small: more threads only get in each other's way
settings.register_profile("sc2viz", deadline=None)  # a shared machine may be slow for a moment
settings.load_profile("sc2viz")
# Training in the background does not wait for the tests of another process.
os.environ["SC2VIZ_TRAIN_NICE"] = "1"
# Each AppTest looks for components in all installed packages, a fifth of a second, and compiles the pages anew at each run.
scan = manifest_scanner.scan_component_manifests
manifest_scanner.scan_component_manifests = functools.cache(scan)
local_script_runner.ScriptCache = functools.cache(ScriptCache)
style.VALIDATES = True


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers(config):
    """Tests that wait for a browser leave a third of two cores idle. Those of a few files need no other process."""
    return min(6, os.cpu_count() + 1) if config.args == ["tests"] else 0


@pytest.hookimpl(tryfirst=True)  # before the tests of a release are left out
def pytest_collection_modifyitems(items):
    """Tests that need no exact codes come first, while a process of .ci/run compiles the exact solver. What takes long comes
    before the rest, so that all processes end at about the same time. A browser on a busy machine may be late: a test of it
    that fails is run once more, and the report names it."""
    items.sort(
        key=lambda item: next(
            (k for k, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST)
        )
    )
    for item in items:
        everyday = item.get_closest_marker("everyday")
        if everyday and not any(value in everyday.args for value in item.callspec.params.values()):
            item.add_marker(pytest.mark.release)
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter):
    """Say why tests were run again."""
    for report in terminalreporter.stats.get("rerun", ()):
        reasons = [line for line in report.longreprtext.splitlines() if line.startswith("E  ")]
        terminalreporter.write_line("\n".join([f"run again: {report.nodeid}", *reasons[:5]]))


@pytest.fixture
def on_a_full_disk():
    """Run Python in a process of its own, in which no file gets more than a few kilobytes; return what it says."""
    pytest.importorskip("resource")
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"

    def run(code: str, *arguments: str) -> str:
        command = [sys.executable, "-c", limit + code, *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.run(command, text=True, cwd=ROOT, **pipes).stdout

    return run


def _explain_below(solvers, files=(), module="", charts=True, command="", **values):
    """Draw what the menu of a page has at once, below the page, so that a test need not choose it."""
    from sc2viz.ui import handed_out, page, phrases

    phrases.equations(solvers or ())
    code = handed_out.python(module, **values) if module else ""
    page._take_away(files, code, charts, command)


@pytest.fixture
def open_page(monkeypatch):
    """Open a page with a query, such as open_page("compare", lam="0.1", solvers=["ISTA", "FISTA"]); None: the bare
    address. Train live waits for its initial atoms instead of showing how they are learned, and the map of Known codes has
    few cells."""
    monkeypatch.setattr("sc2viz.pages.train.runs.UNSEEN_SECONDS", 60.0)
    monkeypatch.setattr("sc2viz.analysis.phase_transition.SIZE", 3)
    monkeypatch.setattr("sc2viz.ui.page.PAUSE", 0.0)  # nothing is sent here
    monkeypatch.setattr("sc2viz.ui.page.explained", _explain_below)

    def visit(path: str | None, **query) -> AppTest:
        app = AppTest.from_file(str(ROOT / "sc2viz/ui/run.py"), default_timeout=60)
        for key, value in query.items():
            app.query_params[key] = value
        if path:  # before the first run `switch_page` knows a page by its file name alone, and that of /lambda differs
            app._page_hash = calc_hash(path)
        for key in ("more-tours", "questions", "own-upload"):
            app.session_state[key] = True  # what a popover has is drawn once it is open
        app.run()
        assert not app.exception and not app.error
        return app

    return visit


@pytest.fixture
def bring(monkeypatch, tmp_path):
    """Register the solvers of some of the files in tests/guests for a test, as the reader's files or as an installed
    package; return what went wrong."""
    guests = ROOT / "tests" / "guests"

    def register(*files, installed: bool = False) -> tuple[str, ...]:
        monkeypatch.setattr(registry, "_solvers", dict(registry._solvers))
        monkeypatch.setattr(registry, "_problems", [])
        if installed:
            info = tmp_path / "site" / "brought-1.0.dist-info"
            info.mkdir(parents=True)
            (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
            points = (f"{file} = brought_{file}\n" for file in files)
            (info / "entry_points.txt").write_text("".join(["[sc2viz.solvers]\n", *points]))
            for file in files:
                (info.parent / f"brought_{file}.py").write_text((guests / f"{file}.py").read_text())
                monkeypatch.delitem(sys.modules, f"brought_{file}", raising=False)
            monkeypatch.syspath_prepend(info.parent)
        else:
            monkeypatch.setenv(
                registry.GUESTS, os.pathsep.join(str(guests / f"{file}.py") for file in files)
            )
        registry.load_guests()
        return solvers.problems()

    return register
