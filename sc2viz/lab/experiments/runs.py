"""Carry out the runs of the paper: load or train a network, compute its codes and measure them."""

import functools
import hashlib
import io
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from sc2viz import checkpoints, data, device, dictionary, evaluation, lasso, solvers, training
from sc2viz.data import Images
from sc2viz.files import atomic
from sc2viz.lab.experiments import records, tuning
from sc2viz.lab.experiments.protocols import (
    LAMBDAS,
    PROTOCOLS,
    RATES,
    Protocol,
    Run,
    network,
)
from sc2viz.lab.experiments.records import RESULTS, Experiment, Say
from sc2viz.published.printed import ATOMS, LAMBDA, METHODS
from sc2viz.training import cached_networks

PICTURES = 100
SIZES_EPOCHS = (
    5  # epochs, at most, on dictionaries of another size, because exact codes of 400 atoms are slow
)
KAPPA = 2.0  # the κ of an SLSTM whose file has none


@dataclass(frozen=True)
class Coder:
    """Anything that computes codes: `encode(x, λ)` returns codes (n, d_s) for `atoms` (d_x, d_s)."""

    encode: Callable[[Tensor, float], Tensor]
    atoms: Tensor
    solver: solvers.Solver | None = None


class Runner(Experiment):
    """Carries out the runs of the paper's tables and figures. Dictionaries are kept in the user's cache, too."""

    def __init__(
        self,
        folder: Path = RESULTS,
        say: Say = lambda line: None,
        protocols: dict[str, Protocol] = PROTOCOLS,
    ):
        super().__init__(folder, say)
        self.protocols = protocols
        self.split: Callable[[str, str], Images] = functools.cache(
            lambda name, split: data.load(name, split=split)
        )

    def measure(self, run: Run, again: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        if run.experiment == "tuning":
            return tuning.search(self, run, again)
        experiments = {"accuracy": self._accuracy, "pictures": self._pictures}
        return experiments.get(run.experiment, self._by_lambda)(run)

    def configuration(self, run: Run) -> dict[str, Any]:
        lam = self.lam(run)
        protocol = asdict(self.protocols[run.protocol])
        made = self._made(run, lam)
        found = {**asdict(run), "lam": lam, "protocol": protocol, "network": made}
        if made and (shipped := self._shipped(made)):
            found["weights"] = (
                f"{shipped} {hashlib.sha256(shipped_path(shipped).read_bytes()).hexdigest()[:12]}"
            )
        if run.experiment.startswith("lambda"):
            found["lam"] = list(LAMBDAS)
        if run.experiment == "tuning":
            found |= tuning.searched(run)
        return found

    def lam(self, run: Run) -> float:
        """The λ of a run: the paper's, or the one that tuning chose for its method with `ATOMS` atoms."""
        return self._tuned(run).get("lam", LAMBDA)

    def _tuned(self, run: Run) -> dict[str, float]:
        """What tuning chose for the method of a run with `ATOMS` atoms: λ with labels, and the rates of a method with a cell
        of its own. Nothing where a protocol does not tune."""
        tunes = (
            run.experiment != "tuning" and self.protocols[run.protocol].tuning_epochs is not None
        )
        if not tunes or (run.setting == "unsupervised" and METHODS[run.method].cell is None):
            return {}
        metrics = self.perform(replace(run, experiment="tuning", atoms=ATOMS, seed=0))["metrics"]
        return {key: value for key, value in metrics.items() if key in ("lam", *RATES)}

    def _made(self, run: Run, lam: float) -> dict[str, Any] | None:
        """The settings of a run's network."""
        return network(run, lam, self.protocols[run.protocol], self._tuned(run))

    # The four experiments ---------------------------------------------------------------------------------------------

    def _accuracy(self, run: Run) -> tuple[dict[str, Any], dict[str, Any]]:
        if run.method == "head":
            return self._own_head(), {}
        train, test = self._classified(run)
        if run.method == "raw":
            return self._classify(run, train, train.pixels, test, test.pixels)[1], {}
        lam = self.lam(run)
        coder, made = self.coder(run, lam)
        codes, test_codes = coder.encode(train.pixels, lam), coder.encode(test.pixels, lam)
        fitted, metrics = self._classify(run, train, codes, test, test_codes)
        metrics |= measure(coder, test.pixels, test_codes, lam)
        # The regression is also measured on rows that neither it nor the network has seen.
        if self.protocols[run.protocol].classified_rows:
            unseen = self.split(run.data, "test")
            _note(metrics, "unseen", right(fitted, coder.encode(unseen.pixels, lam), unseen))
        if coder.solver is not None and coder.solver.C is not None:
            metrics["head"] = _right(coder.solver.head(test_codes), test)
        held_out = self.split(run.data, "train")[-training.VALIDATION :]
        if (
            coder.solver is not None and not made
        ):  # Figure 6 shows ISTA and FISTA after another number of iterations
            coder = _coder(coder.solver, self.protocols[run.protocol].loss_iterations)
        metrics["validation"] = measure(
            coder, held_out.pixels, coder.encode(held_out.pixels, lam), lam
        )
        return metrics, made

    def _classify(self, run: Run, train: Images, codes: Tensor, test: Images, test_codes: Tensor):
        """Fit logistic regression, and return it with its accuracy.

        Its regularisation is chosen on held-out rows. Under "as printed" it is scikit-learn's default of 2017: one class
        against the rest, with C = 1.
        """
        if run.protocol == "as-printed":
            from sklearn.linear_model import LogisticRegression
            from sklearn.multiclass import OneVsRestClassifier

            each = LogisticRegression(solver="liblinear", random_state=0)
            fitted, C = OneVsRestClassifier(each).fit(codes.numpy(), train.labels.numpy()), each.C
        else:
            fitted, C = evaluation.classifier(train, codes)
        metrics: dict[str, Any] = {"C": C, "rows": [len(train), len(test)]}
        _note(metrics, "accuracy", right(fitted, test_codes, test))
        return fitted, metrics

    def _own_head(self) -> dict[str, Any]:
        """The accuracy of the classifier of the network that computes CIFAR-10's features."""
        from sc2viz import features

        pictures = self.split("cifar10", "test")
        accuracy = features.accuracy(features.pretrained(), pictures.pixels, pictures.labels)
        return {"accuracy": accuracy, "rows": [0, len(pictures)]}

    def _by_lambda(self, run: Run) -> tuple[dict[str, Any], dict[str, Any]]:
        """Measure a run at every λ of Figure 7: with one dictionary or network for all of them, or, in "lambda-own", with a
        dictionary that is learned at each λ."""
        train, test = self._classified(run)
        coder, made = self.coder(run, LAMBDA)
        rows = []
        for lam in LAMBDAS:
            if run.experiment == "lambda-own":
                coder, made = self.coder(run, lam)
            codes, test_codes = coder.encode(train.pixels, lam), coder.encode(test.pixels, lam)
            _, classified = self._classify(run, train, codes, test, test_codes)
            del classified["right"]
            rows.append({"lam": lam, **classified, **measure(coder, test.pixels, test_codes, lam)})
            self.say(f"  λ = {lam:g}: {100 * classified['accuracy']:.2f} %")
        return {"by_lambda": rows}, made

    def _pictures(self, run: Run) -> tuple[dict[str, Any], dict[str, Any]]:
        """Reconstruct the first hundred training pictures, clip them, and write them as one PNG next to the records."""
        images = self.split(run.data, "train")[:PICTURES]
        coder, made = self.coder(run, LAMBDA)
        codes = coder.encode(images.pixels, LAMBDA)
        reconstruction = codes @ coder.atoms.T
        truth = self.folder / f"{run.data}_truth.png"
        if not truth.exists():
            atomic.write_bytes(truth, mosaic(images.pixels, images.shape))
        atomic.write_bytes(self.folder / f"{run.name}.png", mosaic(reconstruction, images.shape))
        clipped = reconstruction.clamp(0, 1)
        metrics = measure(coder, images.pixels, codes, LAMBDA) | {
            "error": (images.pixels - clipped).abs().mean().item(),
            "psnr": evaluation.psnr(images.pixels, clipped).mean().item(),
        }
        return metrics, made

    # Solvers ----------------------------------------------------------------------------------------------------------

    def coder(self, run: Run, lam: float) -> tuple[Coder, dict[str, Any]]:
        """The coder of a run, and the notes of its training."""
        protocol = self.protocols[run.protocol]
        made = self._made(run, lam)
        if made is not None:
            solver, notes = self.network(made)
            return _coder(solver), notes
        B = self.dictionary(
            run.data,
            run.atoms,
            run.seed,
            protocol,
            lam if run.experiment == "lambda-own" else LAMBDA,
        )
        if run.method == "exact":
            return Coder(lambda x, lam: lasso.solve(x, B, lam).codes, B), {}
        return _coder(solvers.build(METHODS[run.method].solver, B, protocol.iterations)), {}

    def network(self, made: dict[str, Any]) -> tuple[solvers.Solver, dict[str, Any]]:
        """The network with the settings `made` (`protocols.network`), shipped, cached or trained now; and its notes."""
        shipped = self._shipped(made)
        if shipped:
            solver = checkpoints.load(shipped)
            return solver, {
                "seconds": solver.notes.get("validation", {}).get("seconds", 0.0),
                **solver.notes,
            }

        def make() -> tuple[solvers.Solver, dict[str, Any]]:
            images = self.split(made["data"], "train")
            rows = min(made.get("training_rows", len(images)), len(images) - training.VALIDATION)
            return self.train(made, images[:rows], images[-training.VALIDATION :])

        name = f"{made['data']}-{made['solver']}-{made['loss']}-{made['seed']}"
        solver = cached_networks.load_or_make(cached_networks.locate(name, made), make)
        return solver, solver.notes

    def train(
        self, made: dict[str, Any], images: Images, validation: Images
    ) -> tuple[solvers.Solver, dict[str, Any]]:
        """Train the network with the settings `made` (`protocols.network`); it and its notes."""
        protocol = "as-printed" if made["preset"] == "paper" else "fair"
        learned_at = None if made["lam"] is None else LAMBDA
        B = self.dictionary(
            made["data"], made["atoms"], made["seed"], PROTOCOLS[protocol], learned_at
        )
        classes = images.n_classes if "cross_entropy" in made else None
        options = {"kappa": made["kappa"]} if "kappa" in made else {}
        cell = made.get("cell", made["preset"])
        solver = solvers.build(
            made["solver"],
            B,
            made["steps"],
            seed=made["seed"],
            preset=cell,
            classes=classes,
            **options,
        )
        if made["preset"] == "paper" and made["solver"] == "lfista":
            solver.m.data.zero_()  # start from plain ISTA, as the released code does
        settings = training.Settings(
            rate=made["rate"],
            lam=made["lam"],
            project=made["project"],
            cross_entropy=made.get("cross_entropy", 0.0),
            dictionary_rate=made.get("dictionary_rate", 10.0),
            every=-(-len(images) // made["batch_size"]),
        )
        asked = {key: made[key] for key in ("loss", "epochs", "seed", "preset", "batch_size")}
        curve, least, best = [], math.inf, None
        for event in training.fit(
            solver.to(device.pick()),
            images,
            settings=settings,
            validation=validation,
            from_start=True,
            **asked,
        ):
            keys = "epoch", "loss", "printed", "objective", "optimum", "nonzero", "accuracy"
            curve.append({key: records.rounded(getattr(event, key)) for key in keys})
            # For other losses, the mean on training rows since the last event.
            cost = event.printed if made["loss"] == "sc2net" else event.loss
            if (
                made["preset"] == "paper" and cost < least
            ):  # keep the weights with the least cost, as the released code does
                least, best = (
                    cost,
                    {key: value.clone() for key, value in solver.state_dict().items()},
                )
            self.say(
                f"  {made['solver']} {made['loss']} seed {made['seed']}: epoch {event.epoch:.0f} of {made['epochs']}, "
                f"F {event.objective:.3f}, {event.excess:z.2f} % above the optimum, {event.seconds:.0f} s"
            )
        if event.stopped != "finished":
            self.say(f"  stopped: {event.stopped}")
        if best is not None:
            solver.load_state_dict(best)
        notes = {**made, "dictionary": dictionary.digest(B), "curve": curve}
        notes |= {"seconds": event.seconds, "stopped": event.stopped}
        return solver.cpu().eval().requires_grad_(False), notes

    def _shipped(self, made: dict[str, Any]) -> str | None:
        """The name under pretrained/ of exactly the network that `made` describes, or None if it is not shipped.

        Runs learn from all training rows. A file that notes its rows learned from `data.to_learn_from`.
        """
        if (
            made["atoms"] != 100
            or made["seed"] != 0
            or made["preset"] != "recommended-1"
            or "cell" in made
        ):
            return None
        variant = {"sc2net": "", "codes": "-codes", "supervised": "-supervised"}.get(made["loss"])
        name = f"{made['data']}/{made['solver']}{variant}"
        if variant is None or not shipped_path(name).exists():
            return None
        found = {"kappa": KAPPA, **checkpoints.notes(name), **checkpoints.config(name)}
        if "rows" in found and not data.keeps_all(made["data"]):
            return None
        asked = "data", "loss", "epochs", "steps", "seed", "preset", "batch_size", "rate", "lam"
        asked += tuple(key for key in ("cross_entropy", "dictionary_rate", "kappa") if key in made)
        asked += tuple(
            key for key in ("project", "tilt") if key in made and key in found
        )  # older files lack these settings
        return name if all(found.get(key) == made[key] for key in asked) else None

    def dictionary(
        self, name: str, atoms: int, seed: int, protocol: Protocol, lam: float | None = LAMBDA
    ) -> Tensor:
        """The dictionary of a protocol.

        Fair: learned to convergence at `lam` (None: for every λ), and kept in the cache. As printed: Gaussian atoms of unit
        norm. The released code learns with alpha = λN, for which all codes are zero, and the scikit-learn of its time
        replaced unused atoms by such noise.
        """
        images = self.split(name, "train")
        if protocol.name == "as-printed":
            noise = torch.randn(
                images.pixels.shape[1], atoms, generator=torch.Generator().manual_seed(seed)
            )
            return lasso.normalised(noise)
        began = time.perf_counter()

        def report(progress: dictionary.Progress) -> None:
            self.say(
                f"  dictionary of {name}, {atoms} atoms, seed {seed}: epoch {progress.epoch + 1}, "
                f"F {progress.objective:.3f}, {time.perf_counter() - began:.0f} s"
            )

        most = 100 if atoms == ATOMS else SIZES_EPOCHS
        return dictionary.converged(images, atoms, lam, seed=seed, max_epochs=most, report=report)

    # Rows -------------------------------------------------------------------------------------------------------------

    def _classified(self, run: Run) -> tuple[Images, Images]:
        """The rows on which logistic regression is fitted, and those on which it is tested."""
        train, rows = self.split(run.data, "train"), self.protocols[run.protocol].classified_rows
        if rows is None:
            return train, self.split(run.data, "test")
        drawn = torch.randperm(len(train), generator=torch.Generator().manual_seed(run.seed))[:rows]
        fitted = len(drawn) * 3 // 4
        return train[drawn[:fitted]], train[drawn[fitted:]]


def _coder(solver: solvers.Solver, steps: int | None = None) -> Coder:
    solver = solver.eval().requires_grad_(False)
    return Coder(
        lambda x, lam: evaluation.encode(solver, x, lam, steps=steps),
        solver.dictionary.detach(),
        solver,
    )


def _right(logits: Tensor, images: Images) -> float:
    return (logits.argmax(1) == images.labels).double().mean().item()


def right(fitted, codes: Tensor, images: Images) -> np.ndarray:
    """Which rows (n,) a fitted regression on codes classifies rightly."""
    return fitted.predict(codes.numpy()) == images.labels.numpy()


def _note(metrics: dict[str, Any], name: str, rows: np.ndarray) -> None:
    """Note an accuracy in [0, 1] as `name`, and in "right" the rows of which it is the share."""
    metrics[name] = float(rows.mean())
    metrics.setdefault("right", {})[name] = {"rows": len(rows), "bits": records.packed(rows)}


def measure(coder: Coder, x: Tensor, codes: Tensor, lam: float) -> dict[str, float]:
    """Means over x (n, d_x): reconstruction loss, F as printed, honest F, distance to the optimum in %, share of non-zeros.

    The optimum is that of the coder's own atoms, scaled to unit norm.
    """
    honest = lasso.honest_objective(x, codes, coder.atoms, lam)
    unit = lasso.normalised(coder.atoms)
    best = lasso.objective(x, lasso.solve(x, unit, lam).codes, unit, lam)
    return {
        "loss": evaluation.reconstruction_loss(x, codes, coder.atoms).mean().item(),
        "printed": lasso.objective(x, codes, coder.atoms, lam).mean().item(),
        "objective": honest.mean().item(),
        "excess": evaluation.excess(honest, best).item(),
        "nonzero": evaluation.nonzero_share(codes).mean().item(),
    }


def shipped_path(name: str) -> Path:
    return checkpoints.PRETRAINED / f"{name}.safetensors"


def mosaic(pixels: Tensor, shape: tuple[int, int, int], columns: int = 10) -> bytes:
    """A PNG of pictures side by side without gaps, clipped to [0, 1]."""
    high, wide, channels = shape
    tiles = (
        pixels.clamp(0, 1)
        .mul(255)
        .round()
        .byte()
        .reshape(-1, columns, high, wide, channels)
        .permute(0, 2, 1, 3, 4)
    )
    picture = Image.fromarray(tiles.reshape(-1, columns * wide, channels).squeeze(2).numpy())
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()
