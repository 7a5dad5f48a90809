import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from sc2viz import checkpoints, data, published, solvers
from sc2viz.analysis import unusual
from sc2viz.lab.experiments import recovery

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ROOT / ".github" / "docs" / "pages"
NETWORKS_PAGE = (PAGES / "reference" / "solvers.md").read_text(encoding="utf-8")
RESULTS_PAGE = (PAGES / "results.md").read_text(encoding="utf-8")


def test_the_python_in_the_readme_runs():
    names = {}
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(block, names)  # one session, as a reader would type it
    assert (names["exact"].gap <= 1e-4).all()
    assert 0 < names["above"]["SLSTM"] < names["above"]["FISTA"]  # in %


def test_what_the_readme_shows_and_links_to_is_there():
    """The rooms of the package stand in the architecture page, which tests/test_structure.py compares with them."""
    paths = [path for path in re.findall(r"\]\(([^)#]+)\)", README) if not path.startswith("http")]
    assert len(paths) > 5 and [path for path in paths if not (ROOT / path).exists()] == []


NETWORKS = {
    "digits": "digits",
    "digits-256": "digits",
    "mnist": "mnist-5k",
    "patches": "patches",
    "grey-patches": "grey-patches",
}


def test_which_networks_run_away_on_bright_pictures_is_what_the_readme_says():
    worst = {}
    for folder, name in NETWORKS.items():
        x = data.load(name, "test").pixels
        x = x if name == "digits" else x[x.norm(dim=1) > 0][:20]
        for solver in ("lista", "lfista", "slstm"):
            network = checkpoints.load(f"{folder}/{solver}")
            assert unusual.growth(network, 3 * x[:20], 0.01, (10, 30)).max() < 2, (folder, solver)
            worst[f"{folder}/{solver}"] = unusual.growth(network, 10 * x, 0.01, (10,)).max().item()
    match = re.search(
        r"ten times as bright, `([^`]*)` alone runs\naway, at λ = 0.01: after ten iterations F is up to (\d+) times",
        NETWORKS_PAGE,
    )
    assert [name for name, factor in worst.items() if factor > 2] == [match[1]]
    assert worst[match[1]] == pytest.approx(int(match[2]), rel=0.05)


def test_networks_that_were_trained_on_after_a_look_at_test_rows_are_named():
    """pretrained/README.md says of each what was seen, in a paragraph that begins with its name or with its steps."""
    paragraphs = (checkpoints.PRETRAINED / "README.md").read_text(encoding="utf-8").split("\n\n")
    names = {
        re.search("`([a-z0-9-]+/slstm)`", paragraph)[1]
        for paragraph in paragraphs
        if re.search(r"`\S+/slstm`\sran\saway", paragraph)
    }
    named = NETWORKS_PAGE.split("times that of zeros. ")[1].split(" were trained on")[0]
    assert names == set(re.findall("`(.*?)`", named)) and len(names) == 5


def test_the_readme_counts_what_slstm_learns_of_known_codes():
    B = torch.eye(recovery.D_X, recovery.D_S)
    built = solvers.build("slstm", B, recovery.STEPS)
    learned = (
        sum(parameter.numel() for parameter in built.parameters()) - built.dictionary.numel()
    )  # B is known, and stays
    assert f"do not teach {learned:,} numbers" in RESULTS_PAGE


def test_the_page_of_results_says_how_many_seeds_were_measured():
    signals, photographs = published.read("recovery"), published.read("photographs")
    cells = published.read("paper")["cells"].values()
    spread = {len(cell["values"]) for cell in cells if cell["spread"] is not None}
    at = {
        (name == "40dB", len(numbers["runs"]))
        for method in signals["methods"].values()
        for name, numbers in method["conditions"].items()
    }
    levels = [method["levels"].values() for method in photographs["methods"].values()]
    pictured = {len(numbers["runs"]) for measurements in levels for numbers in measurements}
    assert (spread, at, pictured) == ({3}, {(True, 3), (False, 1)}, {3})
    text = RESULTS_PAGE.replace("\n", " ")
    assert "mean ± standard deviation over three seeds" in text
    assert "Three seeds at 40 dB, one elsewhere" in text and "with seeds 0, 1 and 2." in text


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


def test_numbers_recomputed_from_the_shipped_weights_agree_with_what_is_written():
    """Those that anybody can recompute: the softmax heads of MNIST's networks with labels, on the built-in part of MNIST."""
    text = (checkpoints.PRETRAINED / "README.md").read_text(encoding="utf-8").replace("\n", " ")
    written = re.search(r"and on ([\d.]+), ([\d.]+) and ([\d.]+) % of mnist-5k's", text)
    test = data.load("mnist-5k", split="test")
    for name, accuracy in zip(("lista", "lfista", "slstm"), written.groups(), strict=True):
        solver = checkpoints.load(f"mnist/{name}-supervised")
        right = solver.classify(test.pixels, solver.notes["lam"]).argmax(1) == test.labels
        assert f"{100 * right.double().mean():.1f}" == accuracy, name
