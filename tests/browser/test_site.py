"""What the site that `sc2viz live` writes asks for and computes, in node."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from browser.expected import lowest_of

from sc2viz import checkpoints, data, lasso, solvers
from sc2viz.__main__ import main
from sc2viz.analysis import bounds
from sc2viz.browser import readings
from sc2viz.browser.site import site
from sc2viz.browser.site_data import data_set

SETS = ("digits", "mnist-5k", "grey-patches")
RUNNER = Path(__file__).with_name("site.mjs")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The folder of the site of a data set, which is written once."""
    folders = {}

    def of(name: str) -> Path:
        if name not in folders:
            folders[name] = tmp_path_factory.mktemp("site") / "made"
            main(["live", "--data", name, "--out", str(folders[name])])
        return folders[name]

    return of


def test_it_asks_no_other_host(written):
    folder = written("digits")
    page = (folder / "index.html").read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert re.findall(r"<script[^>]*>(.*?)</script>", page, re.S) == [""] and " onclick" not in page
    first, _, _ = (folder / "worker.js").read_text("utf-8").partition("\n")
    cached = json.loads(first.removeprefix("self.SITE = ").rstrip(";"))["files"]
    files = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert {*cached} == files - {"index.html", "sc2viz.html", "worker.js"} | {"./"}


def views(count: int, seed: int, names: list[str]) -> list[dict]:
    """Random pictures, λ, T and solvers."""
    rng = np.random.default_rng(seed)
    return [
        {
            "row": int(rng.integers(100)),
            "lam": float(f"{10 ** rng.uniform(-2, 0):.3g}"),
            "T": int(rng.integers(1, 51)),
            "solver": str(rng.choice(names)),
        }
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("name", "count"),
    [("digits", 5), *(pytest.param(label, 67, marks=pytest.mark.release) for label in SETS)],
)
def test_random_views_are_the_cores_and_say_what_the_app_says(written, name, count):
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    folder = written(name)
    text = (folder / f"data/{name}.json").read_text("utf-8")
    entries = json.loads(text)["solvers"]
    assert [(entry["label"], entry["why"][:13]) for entry in json.loads(text)["absent"]] == [
        ("ALISTA", "ALISTA needs " if name == "mnist-5k" else "ALISTA learns")
    ]
    requests = views(count, 11, [entry["name"] for entry in entries])
    request = json.dumps({"folder": str(folder), "name": name, "views": requests})
    done = subprocess.run(["node", RUNNER], input=request, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    family = data.weights(name)
    B, x = (
        checkpoints.load_dictionary(checkpoints.dictionaries(family)[0]),
        data.load(name, "test").pixels,
    )
    if (
        name != "mnist-5k"
    ):  # each iteration of ALISTA multiplies errors by up to this, so that it runs away
        assert "Untrained, it runs away on 100 of the 100 pictures" in text
        W = solvers.build("alista", B).W
        assert torch.linalg.eigvals(torch.eye(B.shape[1]) - W.T @ B).abs().max() > 1.5
    solvers_by_label = {
        label: checkpoints.load(f"{family}/{label}")
        if f"{family}/{label}" in checkpoints.available(family)
        else solvers.build(label, B)
        for label in {view["solver"] for view in requests}
    }
    for view, answer in zip(requests, json.loads(done.stdout), strict=True):
        check(view, answer, solvers_by_label[view["solver"]], x[view["row"] : view["row"] + 1], B)


def check(
    view: dict, answer: dict, solver: solvers.Solver, x: torch.Tensor, B: torch.Tensor
) -> None:
    """The numbers of a view against the core, and its words against the app's of the same numbers."""
    lam, T, x, B = view["lam"], view["T"], x.double(), B.double()
    best, codes = (
        torch.tensor(answer[key], dtype=torch.float64)[None] for key in ("best", "codes")
    )
    optimum = lasso.objective(x, best, B, lam)
    assert (lasso.duality_gap(x, best, B, lam) <= 1e-6 * optimum).all(), view
    numbers = {
        key: float("nan") if value is None else value for key, value in answer["numbers"].items()
    }
    own_atoms = solver.dictionary.detach().double()
    F = lasso.honest_objective(x, codes, own_atoms, lam).item()
    assert numbers["F"] == pytest.approx(F, rel=1e-6)
    if (course := answer["course"]) and not numbers["away"]:
        unit = lasso.normalised(own_atoms) if course["own"] else B
        minimum = lasso.objective(x, lasso.solve(x, unit, lam, tol=1e-9).codes, unit, lam).item()
        assert course["best"] == pytest.approx(minimum, rel=1e-6) and course["gap"] <= 1e-4
        _, bound = bounds.course(
            x, codes * own_atoms.norm(dim=0) if course["own"] else codes, unit, lam
        )
        assert bound[-1] - 1e-5 * minimum <= course["bound"][-1] <= minimum * (1 + 1e-5)
        assert sorted(course["bound"]) == course["bound"]
        assert course["F"][0] == pytest.approx(x.square().sum().item() / 2, rel=1e-6)
    runs_away = numbers["away"]
    assert answer["words"] == {
        "above": readings.RUNS_AWAY if runs_away else readings.format_excess(numbers["far"]),
        "side": readings.REASON_RUNS_AWAY if runs_away else readings.side(numbers["far"]),
        "F": readings.objective(numbers["F"]),
        "psnr": readings.decibels(numbers["psnr"]),
        "nonzeros": f"{100 * numbers['share']:.0f} %",
        "missing": readings.missing(2 * numbers["loss"] / (answer["contrast"] or 1)),
        "used": f"{numbers['active']} of {B.shape[1]}",
    }
    distances = {label: numbers_of["far"] for label, numbers_of in answer["far"]}
    active = {label: numbers_of["active"] for label, numbers_of in answer["far"]}
    stay = {
        label: numbers_of["far"] for label, numbers_of in answer["far"] if not numbers_of["away"]
    } or distances
    setting = f"At λ = {lam:g}, after {T} iteration{'s' if T > 1 else ''}"
    none = lam >= 1 and not any(active[label] for label in stay)
    assert answer["compared"] == (
        f"{setting}, λ is so large that every code is zero." if none else lowest_of(setting, stay)
    )


X, B = torch.rand(3, 16, generator=torch.Generator().manual_seed(0)), torch.eye(16)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lam": True}, "lam must be > 0 and finite, got True"),
        ({"x": X * torch.nan}, "x must be finite"),
        ({"chosen": ["ista", "ista"]}, "two solvers are called ISTA: give each a label of its own"),
        ({"name": 5}, "name must be text, got 5"),
    ],
)
def test_what_no_site_can_be_made_of_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        data_set(**{"x": X, "B": B} | arguments)


def test_the_link_is_an_address():
    data = data_set(X, B)
    with pytest.raises(ValueError, match="link must be the address of the app"):
        site([data], link="javascript:alert(1)")
    content = json.loads(
        site([data], title="</title><b>mine", link="https://example.org").files["site.json"]
    )
    assert content["link"] == "https://example.org"
    assert b"</title><b>" not in site([data], title="</title><b>mine").files["index.html"]


# Written over an old one --------------------------------------------------------------------------------------------

# A process for each file that is opened below a folder is killed there, and a last one is not.
KILLS = """import os, signal, sys
from pathlib import Path
from sc2viz.browser.site import Site

place = Path(sys.argv[1])
names = "index.html", "site.js", "data/digits.json"
status, last = None, 0
while status != 0:
    Site(dict.fromkeys(names, b"old")).save(place / "site")
    last, opened = last + 1, 0

    def count(event, arguments):
        global opened
        opened += event == "open" and str(arguments[0]).startswith(str(place))
        if opened == last:
            os.kill(os.getpid(), signal.SIGKILL)

    if not (child := os.fork()):
        sys.addaudithook(count)
        Site(dict.fromkeys(names, b"new")).save(place / "site")
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    print(*[(place / "site" / name).read_text() for name in names])
"""


@pytest.mark.release
@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
def test_a_kill_leaves_the_old_site_or_the_new_one(tmp_path):
    command = [sys.executable, "-c", KILLS, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *killed, last = done.stdout.splitlines()
    assert len(killed) >= 3 and last == "new new new"
    assert {*killed} <= {"old old old", "new new new"}


@pytest.mark.parametrize("out", ["", "..", "afile"])
def test_an_out_that_cannot_be_replaced_is_refused_before_anything_is_computed(
    tmp_path, monkeypatch, out
):
    (tmp_path / "afile").write_text("the reader's")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(data, "load", lambda *_, **__: pytest.fail("something is computed"))
    with pytest.raises(SystemExit, match="error: .*: give the name of a folder"):
        main(["live", "--out", out])
    assert [path.read_text() for path in tmp_path.iterdir()] == ["the reader's"]
