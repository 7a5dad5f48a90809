"""`sc2viz evaluate`: the solvers and the networks of a data set, side by side.

F ranks those that aim at it and have no offset. The others stand below a line, with their F but no distance. What fails,
or does not fit the data, costs its own line and nothing else.
"""

import argparse
import math
import sys
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from sc2viz import checkpoints, data, defaults, dictionary, evaluation, solvers, training, words
from sc2viz.analysis import sweeps, unusual
from sc2viz.cli import dictionaries
from sc2viz.solvers import failing


@dataclass(frozen=True)
class Evaluation:
    """What every solver is measured on."""

    arguments: argparse.Namespace
    train: data.Images
    test: data.Images  # the test split, or the rows of the training split that are held out
    B: Tensor  # (d_x, d_s), the dictionary that all share

    @property
    def rows(self) -> str:
        many = len(self.test)
        return (
            words.count(many, "held-out training row")
            if self.arguments.held_out
            else words.count(many, "test row")
        )


def run(arguments: argparse.Namespace) -> None:
    """Every solver of a data set on its test split, beside ISTA and FISTA, at each λ."""
    train, test = (data.load(arguments.data, split=split) for split in ("train", "test"))
    _check(arguments, train, test)
    if arguments.held_out:
        test = training.hold_out(train)[1]
    B, family = dictionaries.for_data(train, arguments.atoms, seed=0, file=arguments.dictionary)
    task, rows = Evaluation(arguments, train, test, B), _solvers(arguments.model, train, B, family)
    for lam in arguments.lam:
        converged = dictionary.converged(train, B.shape[1], lam) if arguments.converged else None
        print(f"{test.name}, {task.rows}, lambda = {lam:g}")
        ranked = {name: solver for name, solver in rows.items() if solver.is_ranked}
        for name, solver in ranked.items():
            _show(task, name, solver, lam, converged)
        if len(ranked) < len(rows):
            print(
                "  what aims at something else than F, or has an offset, so that F does not rank it:"
            )
        for name in (name for name in rows if name not in ranked):
            _show(task, name, rows[name], lam, converged)
    if arguments.unusual:
        _on_unusual_pictures(rows, test, arguments.lam)


def _on_unusual_pictures(
    rows: dict[str, solvers.Solver], test: data.Images, lambdas: list[float]
) -> None:
    """Print F over F(0) of each solver that F ranks on pictures of other kinds, the largest over λ and T of each kind."""
    print(
        f"F over F(0) on unusual pictures, the largest of lambda = {', '.join(f'{lam:g}' for lam in lambdas)} and "
        f"T = {', '.join(map(str, unusual.HORIZONS))}"
    )
    for name, solver in rows.items():
        if not solver.is_ranked:
            continue
        try:
            with failing.name_failures(solver):
                found = unusual.table(solver, test, lambdas=lambdas)
        except failing.Failed as error:
            print(f"  {name:32} {error}", flush=True)
            continue
        above, cells = unusual.run_away(found)
        told = ", ".join(f"{kind} {cell.max():.3g}" for kind, cell in found.items())
        print(
            f"  {name:32} {above} of {cells} cells above {unusual.RUNS_AWAY:g}: {told}", flush=True
        )


def _check(arguments: argparse.Namespace, train: data.Images, test: data.Images) -> None:
    """ValueError where the two splits of the data do not go together, or have no labels that `--accuracy` can use."""
    widths = [images.pixels.shape[1] for images in (train, test)]
    if widths[0] != widths[1]:
        raise ValueError(
            f"x_train and x_test of {arguments.data} must have rows of one length, got {widths[0]} and {widths[1]}"
        )
    if not arguments.accuracy:
        return
    if train.labels is None or test.labels is None:
        raise ValueError(
            f"{arguments.data} has no labels, which --accuracy needs: leave it out, or add y_train and y_test"
        )
    if len(train.labels.unique()) < 2:
        raise ValueError(
            f"labels of {arguments.data} are all the same, and --accuracy needs two classes: leave it out"
        )


def _solvers(
    asked: list[str] | None, images: data.Images, B: Tensor, family: str
) -> dict[str, solvers.Solver]:
    """The solvers by the names of their lines: the untrained ones, and those that are asked for.

    None asked for: the networks that ship for a data set, `family` being its folder under pretrained/, then the reader's
    own solvers, and their networks. Which of these two do not fit is printed, with the reason.
    """
    found = {name: solvers.build(name, B) for name in defaults.UNTRAINED}
    if asked:
        untrained = {name for name in asked if name in solvers.NAMES and not Path(name).exists()}
        return found | {
            name: solvers.build(name, B) if name in untrained else _network(name, images)
            for name in asked
        }
    shipped = [name for name in checkpoints.available() if family and name.startswith(f"{family}/")]
    found |= {name: checkpoints.load(name) for name in shipped}
    guests = [name for name in solvers.NAMES if failing.is_guest(solvers.solver_class(name))]
    own = {name: lambda name=name: solvers.build(name, B) for name in guests}
    own |= {
        path.name: lambda path=path: _network(path, images, alike=True)
        for path in checkpoints.own_networks()[0]
    }
    for name, made in own.items():
        try:
            found[name] = made()
        except ValueError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    return found


def _network(name: str, images: data.Images, alike: bool = False) -> solvers.Solver:
    """The network of a file; ValueError where it takes rows of another length, and with `alike` other data."""
    header = checkpoints.header(name)
    if header.d_x != images.pixels.shape[1]:
        raise ValueError(
            f"{name} takes rows of {header.d_x} numbers, and those of {images.name} have {images.pixels.shape[1]}"
        )
    if alike and (other := _other_data(header.notes, images)):
        raise ValueError(
            f"it was trained on {other}: name it after --model to see it on {images.name} all the same"
        )
    return checkpoints.load(name).float()  # as data are, whatever a file has


def _other_data(notes: dict, images: data.Images) -> str:
    """The data that a network was trained on, where they are others than `images`; else ""."""
    noted = notes.get("data") or images.name
    return "" if data.weights(noted) == data.weights(images.name) else noted


def _show(
    task: Evaluation, name: str, solver: solvers.Solver, lam: float, converged: Tensor | None
) -> None:
    """Print the lines of one solver at one λ, or why it has none."""
    try:
        with failing.name_failures(solver):
            print("\n".join(_lines(task, name, solver, lam, converged)), flush=True)
    except failing.Failed as error:
        print(f"  {name:32} {error}", flush=True)


def _lines(
    task: Evaluation, name: str, solver: solvers.Solver, lam: float, converged: Tensor | None
) -> list[str]:
    asked, test = task.arguments, task.test
    found = evaluation.yardsticks(solver, test.pixels, lam, task.B, converged)
    if not math.isfinite(found["F"]):
        solvers.finite(solver, evaluation.encode(solver, test.pixels, lam))
    notes = getattr(solver, "notes", {})
    line = f"  {name:32} F {found['F']:{'8.4f' if found['F'] < 1e4 else '8.1e'}}"
    if solver.is_ranked:
        line += f"   {found['rank']:+7.2f} % from the optimum"
        line += f"   {found['above_own']:+7.2f} % from exact codes on its own atoms"
    if not notes and solver.traits.learned:
        line += "   untrained"
    if other := _other_data(notes, task.train):
        line += f"   trained on {other}"
    if asked.held_out and notes.get("all_rows"):
        line += "   trained on these rows as well"
    if converged is not None and solver.is_ranked:
        line += f"   {found['above_converged']:+7.2f} % from a dictionary learned at this lambda"
    if asked.accuracy:
        line += f"   {_accuracy(task, solver, lam)}"
    lines = [line]
    if asked.spread and solver.is_ranked:
        picked = found["distances"][evaluation.subset(len(test))]
        quantiles = picked.quantile(picked.new_tensor(evaluation.QUANTILES)).tolist()
        pairs = zip(evaluation.QUANTILES, quantiles, strict=True)
        told = ", ".join(f"{100 * at:g} %: {value:+.2f}" for at, value in pairs)
        lines.append(
            f"    quantiles of % from the optimum over {words.count(len(picked), 'picture')}: {told}"
        )
    if asked.horizons and solver.is_ranked:
        guard = sweeps.guard(solver)
        above = evaluation.beyond(solver, test.pixels, lam, asked.horizons, guard=guard).tolist()
        pairs = zip(asked.horizons, above, strict=True)
        told = ", ".join(f"T = {T}: {mean:.2f} ({worst:.2f})" for T, (mean, worst) in pairs)
        held = (
            ""
            if guard is None or guard >= max(asked.horizons)
            else f"; with the safeguard beyond T = {guard}"
        )
        lines.append(
            f"    % above exact codes on its own atoms, and of the worst sample: {told}{held}"
        )
    return lines


def _accuracy(task: Evaluation, solver: solvers.Solver, lam: float) -> str:
    """What classifiers make of a solver's codes, in words."""
    codes, test_codes = (
        evaluation.encode(solver, images.pixels, lam) for images in (task.train, task.test)
    )
    share = evaluation.logistic_regression(task.train, codes, task.test, test_codes)
    told = f"logistic regression {100 * share:.2f} %"
    if solver.C is None:
        return told
    right = (solver.head(test_codes).argmax(1) == task.test.labels).double().mean().item()
    return f"{told}, softmax head {100 * right:.2f} %"
