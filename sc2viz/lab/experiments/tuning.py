"""Choose λ, and the rates of a method with a cell of its own, on training rows that are held out."""

import math
from typing import Any

from sc2viz import evaluation, lasso
from sc2viz.data import Images
from sc2viz.lab.experiments.protocols import RATES, TUNED, Run, network
from sc2viz.lab.experiments.records import load
from sc2viz.published.printed import LAMBDA, METHODS

HELD_OUT = 10_000  # training rows that are held out


def searched(run: Run) -> dict[str, Any]:
    """What is tried: every λ, and every rate of a method with a cell of its own."""
    rates = {key: list(values) for key, values in RATES.items()}
    return {"tried": list(TUNED)} | ({"rates": rates} if METHODS[run.method].cell else {})


def search(runner: Any, run: Run, again: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train briefly, and choose what is best on held-out training rows: by the accuracy of the softmax head, or by F where
    there are no labels.

    One thing is searched after the other: the rates of a method with a cell of its own, at the paper's λ, and, with labels,
    λ.
    """
    train, labels = runner.split(run.data, "train"), run.setting == "supervised"
    held_out = min(HELD_OUT, len(train) // 5)
    rest, validation = train[: len(train) - held_out], train[len(train) - held_out :]
    tried, rates = [] if again else _tried(runner, run), RATES if METHODS[run.method].cell else {}
    chosen = {"lam": LAMBDA, **{key: values[len(values) // 2] for key, values in rates.items()}}
    for key, values in (rates | ({"lam": TUNED} if labels else {})).items():
        asked = [chosen | {key: value} for value in values]
        for one in asked:
            if not any(one.items() <= old.items() for old in tried):
                tried.append(one | _briefly(runner, run, one, rest, validation))
        found = [next(old for old in tried if one.items() <= old.items()) for one in asked]
        chosen |= {
            key: max(found, key=lambda one: one["accuracy"] if labels else -one["objective"])[key]
        }
    tried.sort(key=lambda one: [one[key] for key in chosen])
    return {"tried": tried, **chosen}, {"seconds": sum(one["seconds"] for one in tried)}


def _briefly(
    runner: Any, run: Run, asked: dict[str, float], rest: Images, validation: Images
) -> dict[str, float]:
    """What a network that is trained briefly on the rows `rest`, with λ and rates as `asked`, reaches on `validation`."""
    lam = asked["lam"]
    solver, notes = runner.train(
        network(run, lam, runner.protocols[run.protocol], asked), rest, validation
    )
    codes = evaluation.encode(solver, validation.pixels, lam)
    if run.setting == "supervised":
        right = solver.head(codes).argmax(1) == validation.labels
        reached = {"accuracy": right.double().mean().item()}
    else:
        honest = (
            lasso.honest_objective(validation.pixels, codes, solver.dictionary, lam).mean().item()
        )
        reached = {"objective": honest if math.isfinite(honest) else math.inf}
    said = ", ".join(f"{key} {value:g}" for key, value in {**asked, **reached}.items())
    runner.say(f"  {said}, on held-out training rows".replace("lam", "λ"))
    return reached | {"seconds": notes["seconds"]}


def _tried(runner: Any, run: Run) -> list[dict[str, Any]]:
    """The results of an earlier tuning of the same network that tried fewer λ, or fewer rates."""
    found = load(Run, runner.folder).get(run)
    same = found and found["configuration"] | searched(run) == runner.configuration(run)
    return list(found["metrics"]["tried"]) if same else []
