"""Tours with other networks than those that are shipped: with untrained ones alone, and with one of another seed that has
learned little. Each step has the part that it speaks of, and pages compare by the numbers that are there."""

import re

import pytest
from pages import seen

from sc2viz import checkpoints, data, evaluation, lasso, solvers, training
from sc2viz.ui import app, url
from sc2viz.ui.tours import reading

pytestmark = pytest.mark.release

TOURS, _ = reading.available(app.TITLES, url.TABLE)
DEPEND = (
    "compare",
    "gates",
    "activations",
    "train",
    "photograph",
    "lambda",
    "codes",
    "autoencoders",
)  # pages with networks
STEPS = [
    (name, k)
    for name, tour in TOURS.items()
    for k, step in enumerate(tour.steps, 1)
    if step.path in DEPEND
]
SHIPPED, ANOTHER = checkpoints.PRETRAINED, 7  # the seed of the other networks
PICTURES = 16  # of the strip, over which Compare averages


@pytest.fixture(scope="module", params=["untrained", "another seed"])
def pretrained(request, tmp_path_factory):
    """A folder like pretrained/, but its only networks are two of another seed, or none, beside the autoencoders, which no
    page shows untrained."""
    folder = tmp_path_factory.mktemp("pretrained")
    networks = {name for name in checkpoints.available() if not name.startswith("sae/")}
    for file in filter(lambda path: path.is_file(), SHIPPED.rglob("*")):
        name = file.relative_to(SHIPPED)
        if str(name.with_suffix("")) not in networks:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(file)
    if request.param != "untrained":
        images = data.load("mnist-5k")
        for name in ("lista", "slstm"):
            solver = solvers.build(
                name, checkpoints.load_dictionary("mnist"), steps=10, seed=ANOTHER
            )
            for _ in training.fit(solver, images, loss="sc2net", epochs=1, seed=ANOTHER):
                pass
            checkpoints.save(
                solver, folder / "mnist" / f"{name}.safetensors", notes={"data": "mnist-5k"}
            )
    return folder


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def keys(block) -> set[str]:
    """The keys of all parts of a page, as the ends of Streamlit's names for them."""
    found = {
        str(getattr(getattr(block, "proto", None), "id", ""))
        .rpartition("$$")[2]
        .partition("-")[2]
        .partition("-")[2]
    }
    return found.union(*map(keys, getattr(block, "children", {}).values()))


def on_own_atoms(x, codes, B, lam: float) -> float:
    """How far F of codes is above the optimum on the atoms, scaled to norm 1, in %."""
    best = lasso.objective(
        x,
        lasso.solve(x, lasso.normalised(B), lam, tol=1e-7).codes.float(),
        lasso.normalised(B),
        lam,
    )
    return (100 * (lasso.honest_objective(x, codes, B, lam).mean() / best.mean() - 1)).item()


@pytest.mark.parametrize(("name", "k"), STEPS, ids=[f"{name}-{k}" for name, k in STEPS])
def test_a_step_holds_with_other_networks(open_page, monkeypatch, pretrained, name, k):
    monkeypatch.setattr(checkpoints, "PRETRAINED", pretrained)
    step = TOURS[name].steps[k - 1]
    page = open_page("welcome", tour=name, step=str(k))
    assert not page.warning and not page.exception
    assert step.light in keys(page._tree)
    trained = any(pretrained.glob("mnist/slstm.safetensors"))
    if step.path == "gates":
        notes = " ".join(box.value for box in page.caption)
        assert ("SLSTM is untrained here" in notes) is not trained
    layout = step.query.get("layout", ["grid"])[0]
    if step.path == "compare" and layout != "dual bound":
        lam, T = float(step.query["lam"][0]), int(step.query.get("T", ["10"])[0])
        is_one = layout == "one picture"
        first, count = (int(step.query.get("picture", ["0"])[0]), 1) if is_one else (0, PICTURES)
        x, B = (
            data.load("mnist-5k", split="test").pixels[first : first + count],
            checkpoints.load_dictionary("mnist"),
        )
        best = lasso.objective(x, lasso.solve(x, B, lam, tol=1e-7).codes.float(), B, lam).mean()
        above = {}
        for label in step.query.get("solvers", list(url.default("solvers"))):
            file = pretrained / "mnist" / f"{label.lower()}.safetensors"
            solver = (
                checkpoints.load(str(file)) if file.exists() else solvers.build(label.lower(), B)
            )
            codes = solver(x, lam, T).detach()
            F = lasso.honest_objective(x, codes, solver.dictionary.detach(), lam).mean()
            above[label] = (100 * (F / best - 1)).item()
        told = re.search(
            r"\*\*(\w+)\*\* has the lowest F of the \w+ solvers compared: it is \*\*(?:under )?([\d.,]+) %\*\*",
            seen.lowest(page).replace("\u00a0", " "),
        )
        winner, by = told.groups()
        assert above[winner] <= min(above.values()) + 0.01 and number(by) == pytest.approx(
            above[winner], rel=0.06, abs=0.02
        )
    if step.light == "gates-add" and trained:
        lam = float(step.query["lam"][0])
        tests = data.load("mnist-5k", split="test")
        rows = evaluation.subset(len(tests), 100)
        x, slstm = (
            tests.pixels[rows],
            checkpoints.load(str(pretrained / "mnist" / "slstm.safetensors")),
        )
        atoms = slstm.dictionary.detach()
        own = on_own_atoms(x, slstm(x, lam, 10).detach(), atoms, lam)
        computed, _mean, _without, ista = page.table[-1].value.iloc[:, 1]
        assert number(computed[1:-2]) == pytest.approx(own, rel=0.06)
        unit = lasso.normalised(atoms)
        plain = on_own_atoms(x, solvers.build("ista", unit)(x, lam, 10).detach(), unit, lam)
        assert number(ista[1:-2]) == pytest.approx(plain, rel=0.06)
