"""The command line: `sc2viz {app,dictionary,train,evaluate,encode,denoise,inpaint,approximate,reproduce,bench} …`, or
`python -m sc2viz …`; train and encode also under torchrun."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import Any

from torch import Tensor
from tqdm import tqdm

from sc2viz import benchmarks, checkpoints, data, defaults, dictionary, evaluation, solvers, training
from sc2viz.cli import encoding, limits, signals, torchrun
from sc2viz.files import atomic, dictionaries
from sc2viz.files.rows import open_rows
from sc2viz.photographs import commands as photographs
from sc2viz.reproduction import commands as reproduction
from sc2viz.training import losses
from sc2viz.training.settings import STORED

# What makes a run, with the command line's defaults, and what may be set beside them: noted in the checkpoint, for resuming.
RUN = {"loss": "sc2net", "epochs": 10, "seed": 0, "preset": "recommended", "batch_size": 256}
ATOMS = "d_s; by default that of the dictionary that ships for the data, or 100"
LONGEST = 2000  # characters of a message, in which a file may be quoted
SAVE_EVERY, SAVE_EPOCHS = 60.0, 5.0  # a run is saved after so many seconds, and after an epoch if so many have passed
# How whole numbers among the settings are read; all others are floats.
WHOLE = {"horizon": limits.steps, "window": limits.steps, "levels": limits.times, "hardest": limits.times}


def learn_dictionary(arguments: argparse.Namespace) -> None:
    """Learn a dictionary and write it with how it was made."""
    images = data.load(arguments.data, split="train")
    settings = {"n_atoms": arguments.atoms, "lam": arguments.lam, "seed": arguments.seed, "tol": arguments.tol}
    settings |= {"positive": True} if arguments.positive else {}
    for progress in dictionary.learning(images.pixels, **settings):
        print(f"epoch {progress.epoch + 1}: held-out objective {progress.objective:.4f}", flush=True)
    made = {"data": images.name, "split": "train", "rows": len(images), **settings, "epochs": progress.epoch + 1}
    path = arguments.out or f"{images.name}-dictionary.safetensors"
    print(checkpoints.save_dictionary(progress.dictionary, path, {**made, "held_out_objective": progress.objective}))


def dictionary_for(images: data.Images, atoms: int | None, seed: int, file: str | None = None) -> tuple[Tensor, str]:
    """The dictionary of `file`; or that of `atoms` atoms (None: the first) that ships for a data set; or one learned now
    from its training split, 100 atoms by default. And its name under pretrained/, "" for a file."""
    if file is not None:
        return dictionary_of(file, images.pixels.shape[1]), ""
    for name in checkpoints.dictionaries(data.weights(images.name)):
        B = checkpoints.load_dictionary(name)
        if len(B) == images.pixels.shape[1] and atoms in (None, B.shape[1]):
            return B, name
    return dictionary.learn(images.pixels, atoms or 100, seed=seed), data.weights(images.name)


def dictionary_of(file: str, d_x: int) -> Tensor:
    """The dictionary (d_x, d_s) of a name under pretrained/, or of a .npy, .npz or .safetensors; what was done to it is
    printed."""
    if not Path(file).is_file():
        return checkpoints.load_dictionary(file)
    B, notes = dictionaries.dictionary(Path(file).read_bytes(), d_x, file)
    for note in notes:
        print(f"{file}: {note}", file=sys.stderr)
    return B


def train(arguments: argparse.Namespace) -> None:
    """Train a solver and write it, also on the way and where the run is stopped, so that a kill loses a minute at most."""
    if arguments.out:
        atomic.probe(arguments.out)  # before the work, not after it
    resumed = arguments.resume and checkpoints.locate(arguments.resume)
    before = checkpoints.notes(resumed) if resumed else {}
    asked = {key: value for key, value in vars(arguments).items() if value is not None}
    run = {key: asked.get(key, before.get(key, default)) for key, default in RUN.items()}
    with torchrun.processes() as (processes, device):
        chief = processes is None or processes.rank == 0
        images = data.load(asked.get("data", before.get("data", "mnist-5k")), split="train")
        resume, start = None, before.get("dictionary")
        if resumed:
            solver = checkpoints.load(resumed)
            resume = checkpoints.load_training(resumed)
            if not resume:
                raise ValueError(f"{resumed} holds no state to resume from: train with --keep-state")
        elif arguments.start:
            solver = _to_start_from(arguments.start, arguments.solver, images, run)
            start = dictionary.digest(solver.dictionary)
        else:
            B, _ = dictionary_for(images, arguments.atoms, run["seed"], arguments.dictionary)
            start = dictionary.digest(B)
            classes = _classes(images, run["loss"])
            options = {key: asked[key] for key in ("activation", "kappa") if key in asked}
            solver = solvers.build(arguments.solver, B, arguments.steps, seed=run["seed"], classes=classes,
                                   preset=run["preset"], **options)  # fmt: skip
        path = Path(arguments.out or resumed or default_name(images, solver, run))
        if chief:
            atomic.probe(path)
        # What a file does not note, because there was no such setting when it was made, had Settings' own value.
        settings = training.Settings() if resumed else training.recipe(solver, run["loss"], run["preset"])
        for name in STORED:
            setattr(settings, name, asked.get(name, before.get(name, getattr(settings, name))))
        solver.to(device)
        all_rows = asked.get("all_rows", before.get("all_rows", False))
        made = {"data": images.name, "dictionary": start, **run, "all_rows": all_rows}
        made |= {name: getattr(settings, name) for name in STORED}
        if arguments.start:
            made["start"] = str(arguments.start)

        def save(event: training.Event) -> None:
            measured = {key: value for key, value in vars(event).items() if key not in ("state", "stopped")}
            keep = not event.stopped or arguments.keep_state or path == resumed
            notes = {**made, "stopped": event.stopped or "unfinished", "validation": measured}
            checkpoints.save(solver, path, notes, event.state() if keep else None)

        events = training.fit(solver, images, settings=settings, resume=resume, processes=processes, **run,
                              validation=training.hold_out(images)[1] if all_rows else None)  # fmt: skip
        stops = signals.Stops(settings, breaks=processes is None)
        with signals.handled(stops):
            saved, at = time.monotonic(), 0
            bar = tqdm(total=run["epochs"], disable=not chief, bar_format="{l_bar}{bar}| {n:.1f}/{total} epochs "
                       "[{elapsed}<{remaining}{postfix}]")  # fmt: skip
            for event in events:
                bar.update(event.epoch - bar.n)
                bar.set_postfix_str(f"F {event.objective:.3f}, {event.excess:.2f} % above exact codes on its atoms")
                waited = time.monotonic() - saved
                due = waited > SAVE_EVERY or (int(event.epoch) > at and waited > SAVE_EPOCHS)
                if chief and (event.stopped or due):
                    with stops.held():
                        save(event)
                    saved, at = time.monotonic(), int(event.epoch)
            bar.close()
        if not chief:
            return
        if event.stopped not in ("finished", "plateau"):
            print(f"stopped after {event.epoch:.2f} of {run['epochs']} epochs: {event.stopped}")
        print(path)


def _classes(images: data.Images, loss: str) -> int | None:
    """The classes of a softmax head; None where the loss uses no labels."""
    classes = images.n_classes if loss in losses.LABELLED else None
    if classes is not None and classes > data.MOST_CLASSES:
        raise ValueError(f"labels of {images.name} must be below {data.MOST_CLASSES:,}: number the classes 0, 1, 2, …")
    return classes


def _to_start_from(name: str, expected: str, images: data.Images, run: dict[str, Any]) -> solvers.Solver:
    """The network of a file, ready to train on; ValueError where it is another one than the run is asked to train.

    A network of an earlier version of the recommended recipe becomes one of today's, its new parameters 0.
    """
    solver = checkpoints.load(name).requires_grad_(True)
    if run["preset"] == "recommended" and solver.config.get("preset") in solvers.EARLIER:
        earlier, options = solver, {**solver.config, "preset": "recommended"}
        solver = solvers.build(**options, B=earlier.dictionary)
        solver.load_state_dict(earlier.state_dict())
    preset = solver.config.get("preset", run["preset"])
    classes = _classes(images, run["loss"])
    for what, found, wanted in (("solver", solver.name, expected), ("preset", preset, run["preset"]),
                                ("classes", solver.config.get("classes"), classes)):  # fmt: skip
        if found != wanted:
            raise ValueError(f"{name} has {what} {found}, and the run {wanted}: take another, or ask for the same")
    return solver


def default_name(images: data.Images, solver: solvers.Solver, run: dict[str, Any]) -> str:
    """Where a run is written without --out: in the working directory, named as files under pretrained/ are."""
    loss = "" if run["loss"] == "sc2net" else run["loss"]
    built = solver.traits.variant_of(solver.config, "sc2net") or ("paper" if run["preset"] == "paper" else "")
    return "-".join(filter(None, (images.name, solver.name, loss, built))) + ".safetensors"


def encode(arguments: argparse.Namespace) -> None:
    """Code a file of any size and write the codes."""
    rows = open_rows(arguments.data, arguments.key)
    by = dictionary_of(arguments.dictionary, rows.width) if arguments.model is None else checkpoints.load(arguments.model)
    with torchrun.processes() as (processes, device):
        chief = processes is None or processes.rank == 0
        options = {"steps": arguments.steps, "tol": arguments.tol, "processes": processes}
        codes = encoding.encode(rows, by.to(device), arguments.lam, arguments.out, **options)
        count = 1 if processes is None else processes.count
        with tqdm(total=len(rows), unit="rows", unit_scale=True, disable=not chief) as bar:
            for done in codes:
                bar.update(min(done * count, len(rows)) - bar.n)  # the others are about as far
        if chief:
            print(arguments.out)


def evaluate(arguments: argparse.Namespace) -> None:
    """Every shipped solver of a data set on its test split, beside ISTA and FISTA, at each λ."""
    train_split, test = (data.load(arguments.data, split=split) for split in ("train", "test"))
    if arguments.held_out:
        test = training.hold_out(train_split)[1]
    if arguments.accuracy and (train_split.labels is None or test.labels is None):
        raise ValueError(f"{arguments.data} has no labels, which --accuracy needs: leave it out, or add y_train and y_test")
    B, family = dictionary_for(train_split, arguments.atoms, seed=0, file=arguments.dictionary)
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


def parser() -> argparse.ArgumentParser:
    prog = "sc2viz" if Path(sys.argv[0]).stem == "sc2viz" else "python -m sc2viz"
    main = limits.Parser(prog=prog, description="Sparse coding from the command line.")
    commands = main.add_subparsers(required=True, metavar="COMMAND", parser_class=limits.Parser)

    about = "OPTIONS go to Streamlit, as in --server.port 8600; streamlit run --help lists them."
    commands.add_parser("app", help="open the app in the browser", usage="%(prog)s [-h] [OPTIONS]", description=about)

    learn = commands.add_parser("dictionary", help="learn a dictionary (Mairal et al. 2010)")
    learn.add_argument("--data", default="mnist-5k", help="a data set's name or an .npz (default: %(default)s)")
    learn.add_argument("--atoms", type=limits.atoms, default=100)
    learn.add_argument("--lam", type=float, help="by default one dictionary is learned for every lambda in [0.01, 1]")
    learn.add_argument("--seed", type=limits.seed, default=0)
    learn.add_argument("--tol", type=float, default=1e-3, help="stop when an epoch improves by less than this share")
    learn.add_argument("--positive", action="store_true", help="neither codes nor atoms below zero: parts that add up")
    learn.add_argument("--out", help="default: <data>-dictionary.safetensors, here")
    learn.set_defaults(run=learn_dictionary)

    fit = commands.add_parser("train", help="train a solver; Ctrl-C keeps what was learnt")
    fit.add_argument("--data", help="a data set's name or an .npz (default: mnist-5k)")
    fit.add_argument("--solver", choices=solvers.NAMES, default=defaults.TRAINED)
    fit.add_argument("--loss", choices=losses.NAMES, help=f"default: {RUN['loss']}")
    fit.add_argument("--preset", choices=solvers.PRESETS + solvers.EARLIER, help=f"default: {RUN['preset']}")
    fit.add_argument("--activation", choices=("shrinkage", "double-tanh"))
    fit.add_argument("--kappa", type=float, help="SLSTM's step in units of tau")
    fit.add_argument("--steps", type=limits.steps, default=10, help="iterations T")
    fit.add_argument("--atoms", type=limits.atoms, help=ATOMS)
    fit.add_argument("--dictionary", metavar="FILE", help="the atoms to start from: a .npy, .npz or .safetensors")
    fit.add_argument("--epochs", type=limits.epochs, help=f"default: {RUN['epochs']}")
    fit.add_argument("--batch-size", type=limits.rows, help=f"over all processes (default: {RUN['batch_size']})")
    for name, setting in STORED.items():
        if not isinstance(setting.default, bool):
            about = setting.metadata["about"].replace("λ", "lambda").replace("σ", "sigma")
            fit.add_argument("--" + name.replace("_", "-"), type=WHOLE.get(name, float), help=about)
    fit.add_argument("--seed", type=limits.seed, help=f"default: {RUN['seed']}")
    fit.add_argument("--all-rows", action="store_true", default=None, help="train on the rows that are held out by "
                     "default as well; what the run says is then of rows that it trains on")  # fmt: skip
    fit.add_argument("--out", help="default: the resumed file, or <data>-<solver>[-<loss>][-paper].safetensors, here")
    fit.add_argument("--start", help="a checkpoint whose weights a new run begins with, instead of an untrained solver")
    fit.add_argument("--keep-state", action="store_true", help="save what --resume needs, too")
    fit.add_argument("--resume", help="a checkpoint saved with --keep-state: continue the run that it notes")
    fit.set_defaults(run=train)

    judge = commands.add_parser("evaluate", help="F, distance to the optimum and accuracy of the shipped solvers")
    judge.add_argument("--data", default="mnist-5k", help="a data set's name or an .npz (default: %(default)s)")
    judge.add_argument("--dictionary", metavar="FILE", help="the atoms of ISTA and FISTA: a .npy, .npz or .safetensors")
    judge.add_argument("--model", nargs="*", help="names or paths (default: all that are shipped for the data)")
    judge.add_argument("--lam", type=float, nargs="+", default=[0.01, 0.03, 0.1, 0.3, 1.0])
    judge.add_argument("--atoms", type=limits.atoms, help=ATOMS)
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
    judge.set_defaults(run=evaluate)

    code = commands.add_parser("encode", help="code a file of any size, a batch of rows at a time; the same command "
                           "continues a run that was stopped")  # fmt: skip
    code.add_argument("--data", required=True, help="a .npy or .npz of rows or pictures: uint8, or floats in [0, 1]")
    code.add_argument("--key", help="which array of the .npz")
    by = code.add_mutually_exclusive_group(required=True)
    by.add_argument("--model", help="a trained solver: a shipped name such as mnist/slstm, or a path")
    by.add_argument("--dictionary", help="exact codes on a dictionary: a data set's name, or a .npy, .npz or .safetensors")
    code.add_argument("--lam", type=float, default=0.1, help="default: %(default)s")
    code.add_argument("--steps", type=limits.steps, help="iterations of the solver (default: those it was trained for)")
    code.add_argument("--tol", type=float, default=1e-4, help="relative duality gap of exact codes (default: %(default)s)")
    code.add_argument("--out", required=True, help=".npz: sparse, for scipy.sparse.load_npz; .npy: dense")
    code.set_defaults(run=encode)

    photographs.add_commands(commands)
    reproduction.add_commands(commands)
    benchmarks.add_commands(commands)
    return main


def main(words: list[str] | None = None) -> None:
    for problem in solvers.problems():
        print(f"warning: a solver could not be brought: {problem}", file=sys.stderr)
    asked = parser().parse_args(words)
    try:
        with signals.handled(signal.default_int_handler):
            asked.run(asked)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {str(error)[:LONGEST]}")
    except KeyboardInterrupt:
        sys.exit("interrupted")
