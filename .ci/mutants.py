"""Change the code in small ways, one at a time, and say which changes no test notices.

    python .ci/mutants.py list [--seed 75] [--count 60]                  # the changes: room, file, line, before, after
    python .ci/mutants.py run FILE [--root CHECKOUT] [--only ROOM]       # tries them, and goes on where it was ended

A change is drawn at random: a comparison or an operation that becomes another one, a whole number that grows by one, a condition
that is turned round, an argument of `min` and `max` that changes sides. Each is tried in a copy of the checkout, against the
everyday tests of its room.
"""

import argparse
import ast
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Rooms: the files that are changed, and the tests that should notice.
ROOMS = {
    "core": (("solvers/*.py", "exact/*.py", "lasso.py", "training/*.py", "analysis/*.py", "evaluation.py", "dictionary.py"),
             ("tests/solvers", "tests/exact", "tests/training", "tests/analysis", "tests/test_*.py")),
    "results": (("ui/results.py", "ui/cache.py"), ("tests/ui", "tests/pages")),
    "url": (("ui/url.py", "ui/domains.py", "ui/links.py"), ("tests/ui", "tests/pages")),
    "files": (("files/*.py", "checkpoints.py", "data/*.py"), ("tests/files", "tests/test_*.py")),
    "jobs": (("jobs/*.py",), ("tests/jobs", "tests/pages")),
    "classroom": (("classroom/*.py",), ("tests/classroom", "tests/ui", "tests/pages")),
    "browser": (("browser/*.js", "browser/ideas/*.js"), ("javascript", "tests/browser", "tests/end_to_end")),
}  # fmt: skip
COMPARED = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in",
            ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is"}  # fmt: skip
OPERATED = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.Mod: "*",
    ast.MatMult: "+",
}
SCRIPTED = ((r"<=", "<"), (r">=", ">"), (r"===", "!=="), (r"!==", "==="), (r" \+ ", " - "), (r" - ", " + "), (r" \* ", " / "),
            (r"Math\.max\(", "Math.min("), (r"Math\.min\(", "Math.max("), (r" && ", " || "), (r" \|\| ", " && "))  # fmt: skip


def python_changes(source: str) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, before, after) of every change of a module."""
    lines = [0]
    for line in source.encode().splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    content = source.encode()

    def span(node: ast.AST) -> tuple[int, int]:
        return lines[node.lineno - 1] + node.col_offset, lines[
            node.end_lineno - 1
        ] + node.end_col_offset

    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
            left, right = span(node.left)[1], span(node.comparators[0])[0]
            yield left, right, content[left:right].decode(), f" {COMPARED[type(node.ops[0])]} "
        elif isinstance(node, ast.BinOp) and type(node.op) in OPERATED:
            left, right = span(node.left)[1], span(node.right)[0]
            if b"(" not in content[left:right] and b")" not in content[left:right]:
                yield left, right, content[left:right].decode(), f" {OPERATED[type(node.op)]} "
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            start, end = span(node)
            yield start, end, str(node.value), str(node.value + 1)
        elif isinstance(node, ast.If | ast.IfExp):
            start, end = span(node.test)
            text = content[start:end].decode()
            yield start, end, text, f"not ({text})"
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("min", "max")
        ):
            start, end = span(node.func)
            yield start, end, node.func.id, {"min": "max", "max": "min"}[node.func.id]


def script_changes(source: str) -> Iterator[tuple[int, int, str, str]]:
    for pattern, after in SCRIPTED:
        for match in re.finditer(pattern, source):
            line = source[source.rfind("\n", 0, match.start()) + 1 : match.start()]
            if "//" not in line and not line.lstrip().startswith("*"):
                start, end = (len(source[:place].encode()) for place in match.span())
                yield start, end, match[0], after


def draw(root: Path, seed: int, count: int) -> list[dict]:
    """`count` changes, as many in each room."""
    rng, changes = random.Random(seed), []
    for number in range(count):
        room = list(ROOMS)[number % len(ROOMS)]
        files = sorted(file for glob in ROOMS[room][0] for file in (root / "sc2viz").glob(glob))
        while True:
            file = rng.choices(files, [path.stat().st_size for path in files])[0]
            source = file.read_text("utf-8")
            change = python_changes if file.suffix == ".py" else script_changes
            found = sorted(change(source))
            if found:
                break
        start, end, before, after = rng.choice(found)
        line = source.encode()[:start].count(b"\n") + 1
        changes.append({"room": room, "file": str(file.relative_to(root)), "line": line, "start": start, "end": end,
                        "before": before, "after": after})  # fmt: skip
    return changes


def noticed(copy: Path, change: dict) -> str:
    """What noticed a change that was made in a copy of the checkout: a test's name, or "" where nothing did."""
    for tests in ROOMS[change["room"]][1]:
        if tests == "javascript":
            command = [str(copy / ".ci" / "javascript")]
        else:
            files = sorted(map(str, copy.glob(tests)))
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-x",
                "-n",
                "2",
                "-p",
                "no:cacheprovider",
                *files,
            ]
        try:
            done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=1200)
        except subprocess.TimeoutExpired:
            return f"{tests}: ran out of time"
        if done.returncode:
            failed = re.search(r"^(FAILED|ERROR) (\S+)|^not ok.*|✖.*", done.stdout, re.M)
            return failed[0] if failed else f"{tests}: exit {done.returncode}"
    return ""


def run(arguments: argparse.Namespace) -> None:
    root = arguments.root.resolve()
    results = json.loads(arguments.file.read_text()) if arguments.file.exists() else []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(".git", ".state", ".venv"))
        tried = {(change["file"], change["start"], change["after"]) for change in results}
        for change in draw(root, arguments.seed, arguments.count):
            if (change["file"], change["start"], change["after"]) in tried or (
                arguments.only and change["room"] != arguments.only
            ):
                continue
            file, content = copy / change["file"], (root / change["file"]).read_bytes()
            file.write_bytes(
                content[: change["start"]] + change["after"].encode() + content[change["end"] :]
            )
            results.append({**change, "noticed": noticed(copy, change)})
            file.write_bytes(content)
            print(change["file"], change["line"], results[-1]["noticed"] or "SURVIVED", flush=True)
            arguments.file.write_text(json.dumps(results, indent=1, ensure_ascii=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    listing, running = commands.add_parser("list"), commands.add_parser("run")
    running.add_argument("file", type=Path)
    running.add_argument("--only", choices=ROOMS)
    for command in (listing, running):
        command.add_argument("--root", type=Path, default=ROOT)
        command.add_argument("--seed", type=int, default=75)
        command.add_argument("--count", type=int, default=60)
    listing.set_defaults(
        run=lambda asked: print(
            json.dumps(draw(asked.root.resolve(), asked.seed, asked.count), indent=1)
        )
    )
    running.set_defaults(run=run)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
