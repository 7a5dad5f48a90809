"""What a solver is, is asked of its class: outside `solvers`, no code branches on a solver's name, label or class."""

import ast
from pathlib import Path

import pytest

from sc2viz import solvers
from sc2viz.solvers import failing

PACKAGE = Path(__file__).parents[1] / "sc2viz"
# Solvers themselves, what reproduces the paper or measures the app, content, and the one table of defaults.
ALLOWED = (
    "solvers/",
    "lab/",
    "published/",
    "pages/paper/",
    "draw/diagrams.py",
    "draw/paper_curves.py",
    "ui/tours/truths/",
    "defaults.py",
)
EVERY = *solvers.NAMES, *solvers.ON_FILTERS
BUILT_IN = [
    solvers.solver_class(name) for name in EVERY if not failing.is_guest(solvers.solver_class(name))
]
CLASSES = {cls.__name__ for cls in BUILT_IN}
NAMES = {text for cls in BUILT_IN for text in (cls.name, cls.label)}
FILES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if not path.relative_to(PACKAGE).as_posix().startswith(ALLOWED)
]


def hits(source: str) -> list[str]:
    """Lines of `source` that name a built-in solver: its class, or a string constant that equals its name or label."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    lines = []
    for node in ast.walk(tree):
        attribute = {ast.Name: "id", ast.Attribute: "attr", ast.alias: "name"}.get(type(node))
        by_class = attribute is not None and getattr(node, attribute).rpartition(".")[2] in CLASSES
        by_text = isinstance(node, ast.Constant) and node.value in NAMES and id(node) not in prose
        if by_class or by_text:
            lines.append(f"{node.lineno}: {ast.unparse(node)}")
    return lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_solver_is_looked_up_by_its_name_outside(path):
    assert not hits(path.read_text(encoding="utf-8"))


def test_the_search_finds_what_it_is_to_find_and_leaves_prose_alone():
    for source in ("isinstance(a, SLSTM)", "solvers.SLSTM", "from a import LISTA", "a == 'slstm'"):
        assert hits(source)
    assert not hits('"""ISTA"""\n# ISTA\na = "as ISTA does", solvers.ista_like')
