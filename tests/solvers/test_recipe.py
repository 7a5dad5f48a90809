"""The solvers that CONTRIBUTING writes, in both places that it names: in a file of the reader's own, and in the package."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sc2viz import solvers

ROOT = Path(__file__).parents[2]
TRIED = """
import torch
from sc2viz import lasso, solvers

draw = torch.Generator().manual_seed(0)
B, x = lasso.normalised(torch.randn(12, 16, generator=draw)), torch.rand(5, 12, generator=draw)
ista, half, ball = (solvers.build(name, B, 3) for name in ("ista", "half-ista", "heavy-ball"))
torch.testing.assert_close(half(x, 0.1, steps=1), ista(x, 0.1, steps=1) / 2)
torch.testing.assert_close(ball(x, 0.1, steps=7), ista(x, 0.1, steps=7))
ball.beta.data.fill_(0.3)
first, second, third = ball.trace(x, 0.1).codes[1:]
c = second - (second @ B.T - x) @ B / torch.linalg.matrix_norm(B, 2) ** 2 + 0.3 * (second - first)
bound = 0.1 / torch.linalg.matrix_norm(B, 2) ** 2
torch.testing.assert_close(third, c.sign() * (c.abs() - bound).clamp_min(0))
print(solvers.problems(), *solvers.NAMES)
"""


def recipes() -> dict[str, str]:
    """The files of CONTRIBUTING by their names."""
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
    blocks = [
        block
        for block in re.findall("```python\n(.*?)```", text, re.DOTALL)
        if "@solvers.register" in block
    ]
    return dict(zip(("half_ista", "heavy_ball"), blocks, strict=True))


@pytest.mark.parametrize("inside", [False, True], ids=["own file", "package"])
def test_what_contributing_writes_runs_in_both_places(tmp_path, inside):
    env, package = os.environ | {"PYTHONPATH": str(ROOT)}, tmp_path / "sc2viz"
    if inside:
        shutil.copytree(ROOT / "sc2viz", package, ignore=shutil.ignore_patterns("__pycache__"))
        init = package / "solvers" / "__init__.py"
        *earlier, last = re.findall(
            r"^from sc2viz.solvers.\w+ import [A-Z]\w*$", init.read_text("utf-8"), re.MULTILINE
        )
        lines = "from sc2viz.solvers.half_ista import HalfISTA\nfrom sc2viz.solvers.heavy_ball import HeavyBall"
        init.write_text(init.read_text("utf-8").replace(last, f"{last}\n{lines}"), "utf-8")
        env["PYTHONPATH"] = str(tmp_path)
    folder = package / "solvers" if inside else tmp_path
    for name, text in recipes().items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    if not inside:
        env["SC2VIZ_SOLVERS"] = os.pathsep.join(str(folder / f"{name}.py") for name in recipes())
    done = subprocess.run(
        [sys.executable, "-c", TRIED], env=env, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["()", *solvers.NAMES, "half-ista", "heavy-ball"], done.stderr


def test_every_built_in_is_listed_once_and_registers_itself():
    text = (ROOT / "sc2viz" / "solvers" / "__init__.py").read_text("utf-8")
    for name in (*solvers.NAMES, *solvers.ON_FILTERS):
        cls = solvers.solver_class(name)
        assert len(re.findall(rf"\b{cls.__name__}\b", text)) == 1
        source = (
            ROOT / "sc2viz" / "solvers" / f"{cls.__module__.rpartition('.')[2]}.py"
        ).read_text("utf-8")
        assert (
            f"@register\nclass {cls.__name__}(" in source
            and "from sc2viz.solvers import" not in source
        )
