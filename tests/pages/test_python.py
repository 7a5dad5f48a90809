"""The Python that pages give away: it runs where this folder is not the current one, and prints the numbers of the page."""

import contextlib
import csv
import io
import re
from pathlib import Path

import pytest

from sc2viz.ui import handed_out, page

ROOT = Path(__file__).parents[2]
NUMBER = r"(-?\d+(?:\.\d+)?(?:e-?\d+)?)"


def column(name: str, times: float = 1.0):
    """The numbers of a column of the page's tables."""
    return lambda rows: [times * float(row[name]) for row in rows if row.get(name)]


def means(rows: list[dict]) -> list[float]:
    """The accuracies in % of Table 1's fair methods with labels on MNIST, averaged over the seeds."""
    key = {"data": "mnist", "protocol": "fair", "setting": "supervised", "atoms": "100"}
    mine = [row for row in rows if key.items() <= row.items()]
    shares = [
        [float(row["accuracy"]) for row in mine if row["method"] == name]
        for name in {row["method"] for row in mine}
    ]
    return [100 * sum(accuracies) / len(accuracies) for accuracies in shares]


def shares(rows: list[dict]) -> list[float]:
    """The shares of non-zeros of both codes."""
    codes = (column(f"code_{name}")(rows) for name in ("shrinkage", "double_tanh"))
    return [sum(abs(value) > 1e-3 for value in code) / len(code) for code in codes]


# By page and query: what finds printed numbers, and where the tables of the page have the same. The Python of Photograph, of
# Train live and of dictionaries that are learned runs for long; the tests of these pages run it on small things.
CASES = [
    ("welcome", {}, rf"weight {NUMBER}:", column("weight")),
    ("compare", {}, rf"F = {NUMBER},", column("objective")),
    ("step", {}, rf"^\w+ {NUMBER}$", column("objective")),
    ("gates", {}, rf" cell={NUMBER}", column("memory")),
    ("lambda", {"lam": "0.1"}, rf"^lambda 0.1, .* F {NUMBER},", column("objective")),
    ("dictionary", {"part": "atoms"}, rf"used by {NUMBER} %", column("share_of_pictures", 100)),
    ("dictionary", {"part": "networks"}, rf"most {NUMBER},", column("degrees")),
    ("paper", {}, rf"fair .* measured {NUMBER} ", means),
    ("activations", {}, rf"^{NUMBER} ", shares),
    ("codes", {"ds": "100", "dx": "50", "k": "5"}, rf"NMSE {NUMBER} dB", column("nmse_db")),
]


@pytest.fixture
def given(open_page, monkeypatch):
    """Open a page; return its Python, and the rows of its tables (CSV)."""

    def visit(path: str, **query) -> tuple[str, list[dict]]:
        taken = {}

        def explained(solvers, files, module, charts=True, command="", **values):
            tables = [
                csv.DictReader(io.StringIO(file.make()))
                for file in files
                if file.name.endswith(".csv")
            ]
            taken.update(
                python=handed_out.python(module, **values),
                rows=[row for table in tables for row in table],
            )

        monkeypatch.setattr(page, "explained", explained)
        open_page(path, **{"data": "digits"} | query)
        return taken["python"], taken["rows"]

    return visit


def printed(python: str, folder: Path) -> str:
    """What `python` prints, run in `folder`."""
    output = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(output):
        exec(compile(python, "saved.py", "exec"), {"__name__": "__main__"})  # noqa: S102
    return output.getvalue()


@pytest.mark.parametrize(
    ("path", "query", "pattern", "read_numbers"),
    CASES,
    ids=[f"{case[0]}{k}" for k, case in enumerate(CASES)],
)
def test_it_prints_the_numbers_of_the_page(given, tmp_path, path, query, pattern, read_numbers):
    python, rows = given(path, **query)
    numbers = re.findall(pattern, printed(python, tmp_path), re.MULTILINE)
    values = read_numbers(rows)
    assert numbers and values
    for number in numbers:
        decimals = min(5, len(number.partition(".")[2]))
        assert any(abs(value - float(number)) < 0.51 * 10**-decimals for value in values), (
            number,
            values,
        )


def test_readmes_first_command_installs_the_package():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    start = readme.split("## Start")[1]
    assert re.search(
        r"^python3 -m venv .venv && \.venv/bin/pip install -e \. && ", start, re.MULTILINE
    )
