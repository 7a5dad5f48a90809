"""The rooms of sc2viz: what stands in the root, which room may import which, and that no room outgrows the others.
Imports inside functions count."""

import ast
import re
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sc2viz"
# py.typed says that the package states its types.
PUBLIC = {
    "__init__",
    "__main__",
    "lasso",
    "dictionary",
    "checkpoints",
    "evaluation",
    "activations",
    "patches",
    "convolution",
    "device",
    "defaults",
    "arguments",
    "estimators",
    "py",
}


def module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module(path): path for path in PACKAGE.rglob("*.py")}


def imported(name: str) -> set[str]:
    """What a module imports, anywhere in it: modules of sc2viz by their full names, others by their first part."""
    path = FILES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = (
                package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            )
            source = ".".join([*base, *filter(None, [node.module])])
            for alias in node.names:
                full = f"{source}.{alias.name}"
                names.add(full if full in FILES else source)
    return {
        name_of_import if name_of_import in FILES else name_of_import.partition(".")[0]
        for name_of_import in names
    } - {name}


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    return {name: imported(name) for name in FILES}


def test_no_circle_of_imports(imports):
    ours = {name: imported_names & FILES.keys() for name, imported_names in imports.items()}
    order = list(TopologicalSorter(ours).static_order())  # CycleError names the modules of a circle
    assert set(order) == set(FILES)


def test_the_root_holds_the_public_names_alone():
    assert {path.stem for path in PACKAGE.iterdir() if path.is_file()} == PUBLIC


def page_of(name: str) -> str | None:
    parts = name.split(".")
    return parts[2] if parts[:2] == ["sc2viz", "pages"] and len(parts) > 2 else None


def test_pages_do_not_import_each_other_and_nothing_imports_pages(imports):
    arrows = [
        (name, target)
        for name, imported_names in imports.items()
        for target in imported_names
        if page_of(target)
    ]
    assert arrows, "no page imports its own folder: this test looks in the wrong place"
    assert not [arrow for arrow in arrows if page_of(arrow[0]) != page_of(arrow[1])]


def test_streamlit_is_imported_in_pages_and_ui_alone(imports):
    users = {name for name, imported_names in imports.items() if "streamlit" in imported_names}
    assert users and all(name.split(".")[1] in ("pages", "ui") for name in users)


def test_figures_are_drawn_without_pytorch(imports):
    drawing = {name: found for name, found in imports.items() if name.startswith("sc2viz.draw.")}
    assert drawing and not [name for name, found in drawing.items() if "torch" in found]


def floors() -> dict[str, int]:
    """The line of each room and of each module of the root in the table of rooms, from the top."""
    page = (PACKAGE.parent / ".github" / "docs" / "pages" / "architecture.md").read_text("utf-8")
    lines = re.findall(r"^\| (`.*?) \|", page.split("## Rooms")[1].split("\n## ")[0], re.M)
    return {
        name.rstrip("/"): floor
        for floor, line in enumerate(lines)
        for name in re.findall(r"`([\w/]+)`", line)
    }


def room(name: str) -> str:
    """The room of a module of sc2viz, or its own name where it stands in the root; commands of a module are the command
    line's."""
    parts = name.split(".")
    return parts[-1] if parts[-1] == "__main__" else parts[1] if len(parts) > 1 else "sc2viz"


def test_every_room_stands_in_the_table_of_the_architecture_page():
    assert {room(name) for name in FILES} - {"sc2viz"} == floors().keys()


def test_no_import_goes_up_the_table_of_rooms(imports):
    """The package itself offers `sc2viz.live`, for which it looks upwards when it is asked for."""
    floor = floors()
    arrows = {
        (name, target)
        for name, imported_names in imports.items()
        for target in imported_names & FILES.keys()
    }
    arrows = {
        (name, target) for name, target in arrows if "sc2viz" not in (room(name), room(target))
    }
    assert len(arrows) > 1000
    assert not {
        (name, target) for name, target in arrows if floor[room(name)] > floor[room(target)]
    }


def test_the_commands_reproduce_and_bench_alone_load_the_lab(imports):
    users = {
        name for name, imported_names in imports.items() if any(map(is_of_the_lab, imported_names))
    }
    assert users and all(map(is_of_the_lab, users))
    commands = tomllib.loads((PACKAGE / "cli" / "commands.toml").read_text("utf-8"))
    others = {
        name: options for name, options in commands["commands"].items() if name != "reproduce"
    }
    assert "sc2viz.lab." not in str(others) and "sc2viz.lab." in str(commands)
    assert not [
        path for path in PACKAGE.rglob("*.jinja") if "sc2viz.lab" in path.read_text("utf-8")
    ]


def is_of_the_lab(name: str) -> bool:
    return name.split(".")[:2] == ["sc2viz", "lab"]
