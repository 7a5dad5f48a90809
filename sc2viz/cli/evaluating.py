"""`sc2viz evaluate`: the solvers and the networks of a data set, side by side."""

from __future__ import annotations

import argparse

from sc2viz import checkpoints, data, defaults, dictionary, evaluation, solvers, training
from sc2viz.cli import dictionaries, limits


def add_command(commands: argparse._SubParsersAction) -> None:
    judge = commands.add_parser("evaluate", help="F, distance to the optimum and accuracy of the shipped solvers")
    judge.add_argument("--data", default="mnist-5k", help=dictionaries.DATA)
    judge.add_argument("--dictionary", metavar="FILE", help="the atoms of ISTA and FISTA: a .npy, .npz or .safetensors")
    judge.add_argument("--model", nargs="*", help="names or paths (default: all that are shipped for the data)")
    judge.add_argument("--lam", type=float, nargs="+", default=[0.01, 0.03, 0.1, 0.3, 1.0])
    judge.add_argument("--atoms", type=limits.atoms, help=dictionaries.ATOMS)
    judge.add_argument(
        "--converged",
        action="store_true",
        help="also the distance to exact codes on a dictionary that is learned to convergence at each lambda",
    )
    judge.add_argument(
        "--spread",
        action="store_true",
        help=f"also quantiles of the distance to the optimum over {evaluation.SPREAD:,} pictures",
    )
    judge.add_argument("--horizons", type=limits.steps, nargs="+", default=[], metavar="T",
                       help="also the distance to exact codes on the own atoms after so many iterations")  # fmt: skip
    judge.add_argument("--held-out", action="store_true", help="measure on the training rows that training holds out, by "
                       "which a recipe may be chosen, not on the test split")  # fmt: skip
    judge.add_argument("--accuracy", action="store_true", help="logistic regression on the codes")
    judge.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Every shipped solver of a data set on its test split, beside ISTA and FISTA, at each λ."""
    train_split, test = (data.load(arguments.data, split=split) for split in ("train", "test"))
    if arguments.held_out:
        test = training.hold_out(train_split)[1]
    if arguments.accuracy and (train_split.labels is None or test.labels is None):
        raise ValueError(f"{arguments.data} has no labels, which --accuracy needs: leave it out, or add y_train and y_test")
    B, family = dictionaries.for_data(train_split, arguments.atoms, seed=0, file=arguments.dictionary)
    rows = {name: solvers.build(name, B) for name in defaults.UNTRAINED}
    shipped = [name for name in checkpoints.available() if family and name.startswith(f"{family}/")]
    names = arguments.model or shipped
    rows |= {str(name): checkpoints.load(name) for name in names}
    for lam in arguments.lam:
        converged = dictionary.converged(train_split, B.shape[1], lam) if arguments.converged else None
        print(f"{test.name}, {len(test)} {'held-out training' if arguments.held_out else 'test'} rows, lambda = {lam:g}")
        for name, solver in rows.items():
            found = evaluation.yardsticks(solver, test.pixels, lam, B, converged)
            line = f"  {name:32} F {found['F']:8.4f}   {found['rank']:+7.2f} % from the optimum"
            line += f"   {found['above_own']:+7.2f} % from exact codes on its own atoms"
            if arguments.held_out and getattr(solver, "notes", {}).get("all_rows"):
                line += "   trained on these rows as well"
            if converged is not None:
                line += f"   {found['above_converged']:+7.2f} % from a dictionary learned at this lambda"
            if arguments.accuracy:
                codes, test_codes = (evaluation.encode(solver, images.pixels, lam) for images in (train_split, test))
                share = evaluation.logistic_regression(train_split, codes, test, test_codes)
                line += f"   logistic regression {100 * share:.2f} %"
                if solver.C is not None:
                    right = (solver.head(test_codes).argmax(1) == test.labels).double().mean().item()
                    line += f", softmax head {100 * right:.2f} %"
            print(line, flush=True)
            if arguments.spread:
                picked = found["distances"][evaluation.subset(len(test))]
                quantiles = picked.quantile(picked.new_tensor(evaluation.QUANTILES)).tolist()
                pairs = zip(evaluation.QUANTILES, quantiles, strict=True)
                told = ", ".join(f"{100 * at:g} %: {value:+.2f}" for at, value in pairs)
                print(f"    quantiles of % from the optimum over {len(picked)} pictures: {told}", flush=True)
            if arguments.horizons:
                above = evaluation.beyond(solver, test.pixels, lam, arguments.horizons).tolist()
                pairs = zip(arguments.horizons, above, strict=True)
                told = ", ".join(f"T = {T}: {mean:.2f} ({worst:.2f})" for T, (mean, worst) in pairs)
                print(f"    % above exact codes on its own atoms, and of the worst sample: {told}", flush=True)
