import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_in_the_readme_runs():
    names = {}
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(block, names)  # one session, as a reader would type it
    assert (names["exact"].gap <= 1e-4).all()
    assert 0 < names["above"]["SLSTM"] < names["above"]["FISTA"]  # in %


def test_what_the_readme_lays_out_is_there():
    layout = re.search(r"## How it is laid out\n\n```\n(.*?)```", README, re.DOTALL)[1]
    named = [("sc2viz/" if line.startswith(" ") else "") + line.split()[0] for line in layout.splitlines()]
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert len(named) > 5 and pictures
    assert [path for path in named + pictures if not (ROOT / path).exists()] == []
    parts = [path.name for path in (ROOT / "sc2viz").iterdir() if not path.name.startswith("_")]
    assert [name for name in parts if not re.search(rf"\b{re.escape(name)}", layout)] == []


DESCENDS = """
import torch
from sc2viz import checkpoints, data, lasso, solvers
x, B = data.load("digits", split="test").pixels[:20], checkpoints.load_dictionary("digits")
F = [lasso.objective(x, codes, B, 0.1).mean() for codes in solvers.build("half-ista", B, 200).trace(x, 0.1).codes]
best = lasso.objective(x, lasso.solve(x, B, 0.1).codes, B, 0.1).mean()
assert all(after < (1 + 1e-6) * before for before, after in zip(F, F[1:])) and best < F[-1] < 0.2 * F[0]
"""


def test_the_solver_in_contributing_is_found_and_descends(tmp_path):
    guide = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    file = tmp_path / "half_ista.py"
    file.write_text(re.search(r"```python\n(.*?)```", guide, re.DOTALL)[1])
    environment = os.environ | {"SC2VIZ_SOLVERS": str(file), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", DESCENDS], check=True, env=environment)
