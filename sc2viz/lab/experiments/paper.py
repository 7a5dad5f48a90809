"""Carry out the runs of the paper: load or train a network, compute its codes and measure them."""

import functools
import hashlib
import math
from collections import namedtuple
from dataclasses import asdict, replace
from operator import itemgetter

import torch
from torchvision.utils import make_grid

from sc2viz import (
    checkpoints,
    data,
    device,
    dictionary,
    evaluation,
    features,
    lasso,
    solvers,
    training,
)
from sc2viz.draw import mosaics
from sc2viz.files import atomic
from sc2viz.lab.experiments import records
from sc2viz.lab.experiments.protocols import LAMBDAS, PROTOCOLS, RATES, TUNED, network
from sc2viz.lab.experiments.records import Experiment
from sc2viz.lab.weights import feature_network
from sc2viz.published.printed import ATOMS, LAMBDA, METHODS
from sc2viz.training import cached_networks

PICTURES = 100
SIZES_EPOCHS = 5  # at most, on dictionaries of another size: exact codes of 400 atoms are slow
KAPPA = 2.0  # the κ of an SLSTM whose file has none
HELD_OUT = 10_000  # training rows by which λ and rates are chosen


# Anything that computes codes: `encode(x, λ)` returns codes (n, d_s) for `atoms` (d_x, d_s).
Coder = namedtuple("Coder", "encode atoms solver", defaults=[None])


class PaperExperiment(Experiment):
    """The runs of the paper's tables and figures. Dictionaries are kept in the user's cache, too."""

    @functools.cache  # noqa: B019  an experiment lives as long as the process
    def split(self, name, split):
        return data.load(name, split=split)

    def configuration(self, run):
        lam, settings = self.lam(run), self._settings(run)
        noted = {**run.fields, "protocol": asdict(PROTOCOLS[run.protocol])}
        noted |= {"lam": lam, "network": settings}
        if settings and (shipped := find_shipped(settings)):
            digest = hashlib.sha256(checkpoints.locate(shipped).read_bytes()).hexdigest()
            noted["weights"] = f"{shipped} {digest[:12]}"
        if run.experiment.startswith("lambda"):
            noted["lam"] = list(LAMBDAS)
        if run.experiment == "tuning":
            noted["tried"] = list(TUNED)
            if METHODS[run.method].cell:
                noted["rates"] = {key: list(values) for key, values in RATES.items()}
        return noted

    def lam(self, run):
        """The λ of a run: the paper's, or the one that tuning chose for its method with `ATOMS` atoms."""
        return self._tuned(run).get("lam", LAMBDA)

    def _tuned(self, run):
        """What tuning chose for the method of a run with `ATOMS` atoms: λ with labels, and the rates of a method with a cell
        of its own. Nothing where a protocol does not tune."""
        tunes = run.experiment != "tuning" and PROTOCOLS[run.protocol].tuning_epochs is not None
        if not tunes or (run.setting == "unsupervised" and METHODS[run.method].cell is None):
            return {}
        metrics = self.perform(replace(run, experiment="tuning", atoms=ATOMS, seed=0))["metrics"]
        return {key: metrics[key] for key in ("lam", *RATES) if key in metrics}

    def _settings(self, run, lam=None):
        """The settings of a run's network, at its own λ or at another."""
        lam = self.lam(run) if lam is None else lam
        return network(run, lam, PROTOCOLS[run.protocol], self._tuned(run))

    # What is measured -------------------------------------------------------------------------------------------------

    def measure(self, run):
        measures = {
            "tuning": self._tune,
            "accuracy": self._measure_accuracy,
            "pictures": self._draw_pictures,
        }
        return measures.get(run.experiment, self._measure_by_lambda)(run)

    def _tune(self, run):
        """Train briefly, and choose what is best on held-out training rows: by the accuracy of the softmax head, or by F
        where there are no labels.

        One thing is searched after the other: the rates of a method with a cell of its own, at the paper's λ, and, with
        labels, λ.
        """
        train, labels = self.split(run.data, "train"), run.setting == "supervised"
        count = len(train) - min(HELD_OUT, len(train) // 5)
        rates = RATES if METHODS[run.method].cell else {}
        chosen = {"lam": LAMBDA, **{key: values[len(values) // 2] for key, values in rates.items()}}
        best, metric = (max, "accuracy") if labels else (min, "objective")
        tried = {}
        for key, values in (rates | ({"lam": TUNED} if labels else {})).items():
            trials = [chosen | {key: value} for value in values]
            for trial in trials:
                if tuple(trial.values()) not in tried:
                    reached = self._try(run, trial, train[:count], train[count:])
                    tried[tuple(trial.values())] = trial | reached
            results = [tried[tuple(trial.values())] for trial in trials]
            chosen[key] = best(results, key=itemgetter(metric))[key]
        results = [tried[values] for values in sorted(tried)]
        return {"tried": results, **chosen}, {"seconds": sum(row["seconds"] for row in results)}

    def _try(self, run, trial, rows, validation):
        """What a network that is trained briefly with the λ and the rates of a trial reaches on `validation`."""
        lam = trial["lam"]
        settings = network(run, lam, PROTOCOLS[run.protocol], trial)
        solver, notes = self.train(settings, rows, validation)
        codes = evaluation.encode(solver, validation.pixels, lam)
        if run.setting == "supervised":
            reached = {"accuracy": share_right(solver.head(codes), validation)}
        else:
            F = lasso.honest_objective(validation.pixels, codes, solver.dictionary, lam).mean()
            reached = {"objective": F.item() if F.isfinite() else math.inf}
        self.report(f"  {trial | reached}, on held-out training rows")
        return reached | {"seconds": notes["seconds"]}

    def _measure_accuracy(self, run):
        if run.method == "head":  # of the network that computes CIFAR-10's features
            test = self.split("cifar10", "test")
            network = features.pretrained()
            accuracy = feature_network.accuracy(network, test.pixels, test.labels)
            return {"accuracy": accuracy, "rows": [0, len(test)]}, {}
        train, test = self.classified(run)
        if run.method == "raw":
            return self._classify(run, train, train.pixels, test, test.pixels)[1], {}
        lam, protocol = self.lam(run), PROTOCOLS[run.protocol]
        coder, notes = self.coder(run, lam)
        fitted, metrics, codes = self._measure_at(run, coder, lam)
        # The regression is also measured on rows that neither it nor the network has seen.
        if protocol.classified_rows:
            unseen = self.split(run.data, "test")
            _note(metrics, "unseen", fitted, coder.encode(unseen.pixels, lam), unseen)
        if coder.solver is not None and coder.solver.C is not None:
            metrics["head"] = share_right(coder.solver.head(codes), test)
        held_out = self.split(run.data, "train")[-training.VALIDATION :].pixels
        if coder.solver is not None and not notes:  # Figure 6 has others of ISTA and FISTA
            coder = _coder(coder.solver, protocol.loss_iterations)
        metrics["validation"] = measure(coder, held_out, coder.encode(held_out, lam), lam)
        return metrics, notes

    def _measure_by_lambda(self, run):
        """Measure a run at every λ of Figure 7: with one dictionary or network for all of them, or, in "lambda-own", with a
        dictionary that is learned at each λ."""
        coder, notes = self.coder(run, LAMBDA)
        rows = []
        for lam in LAMBDAS:
            if run.experiment == "lambda-own":
                coder, notes = self.coder(run, lam)
            _, metrics, _ = self._measure_at(run, coder, lam)
            del metrics["right"]
            rows.append({"lam": lam, **metrics})
            self.report(f"  λ = {lam:g}: {100 * metrics['accuracy']:.2f} %")
        return {"by_lambda": rows}, notes

    def _measure_at(self, run, coder, lam):
        """The regression on the codes of a run at λ, what is measured of both, and the codes that are tested."""
        train, test = self.classified(run)
        codes = coder.encode(test.pixels, lam)
        fitted, metrics = self._classify(run, train, coder.encode(train.pixels, lam), test, codes)
        return fitted, metrics | measure(coder, test.pixels, codes, lam), codes

    def _classify(self, run, train, codes, test, test_codes):
        """Fit logistic regression, and return it with its accuracy.

        Its regularisation is chosen on held-out rows. Under "as printed" it is scikit-learn's default of 2017: one class
        against the rest, with C = 1.
        """
        if run.protocol == "as-printed":
            from sklearn.linear_model import LogisticRegression
            from sklearn.multiclass import OneVsRestClassifier

            C = 1.0
            regression = LogisticRegression(C=C, solver="liblinear", random_state=0)
            fitted = OneVsRestClassifier(regression).fit(codes.numpy(), train.labels.numpy())
        else:
            fitted, C = evaluation.classifier(train, codes)
        metrics = {"C": C, "rows": [len(train), len(test)]}
        _note(metrics, "accuracy", fitted, test_codes, test)
        return fitted, metrics

    def _draw_pictures(self, run):
        """Reconstruct the first hundred training pictures, clip them, and write them as one PNG next to the records."""
        images = self.split(run.data, "train")[:PICTURES]
        coder, notes = self.coder(run, LAMBDA)
        codes = coder.encode(images.pixels, LAMBDA)
        clipped = (codes @ coder.atoms.T).clamp(0, 1)
        for name, pixels in ((f"{run.data}_truth", images.pixels), (run.name, clipped)):
            atomic.write_bytes(self.folder / f"{name}.png", mosaic(pixels, images.shape))
        return measure(coder, images.pixels, codes, LAMBDA) | {
            "error": (images.pixels - clipped).abs().mean().item(),
            "psnr": evaluation.psnr(images.pixels, clipped).mean().item(),
        }, notes

    def classified(self, run):
        """The rows on which logistic regression is fitted, and those on which it is tested."""
        train, count = self.split(run.data, "train"), PROTOCOLS[run.protocol].classified_rows
        if count is None:
            return train, self.split(run.data, "test")
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(run.seed))
        fitted = len(order[:count]) * 3 // 4
        return train[order[:fitted]], train[order[fitted:count]]

    # Solvers ----------------------------------------------------------------------------------------------------------

    def coder(self, run, lam):
        """The coder of a run, and the notes of its training."""
        settings = self._settings(run, lam)
        if settings is not None:
            solver, notes = self.network(settings)
            return _coder(solver), notes
        learned_at = lam if run.experiment == "lambda-own" else LAMBDA
        B = self.dictionary(run.data, run.atoms, run.seed, run.protocol, learned_at)
        if run.method == "exact":
            return Coder(lambda x, lam: lasso.solve(x, B, lam).codes, B), {}
        iterations = PROTOCOLS[run.protocol].iterations
        return _coder(solvers.build(METHODS[run.method].solver, B, iterations)), {}

    def network(self, settings):
        """The network with these settings (`protocols.network`), shipped, cached or trained now; and its notes."""
        if shipped := find_shipped(settings):
            solver = checkpoints.load(shipped)
            seconds = solver.notes.get("validation", {}).get("seconds", 0.0)
            return solver, {"seconds": seconds, **solver.notes}

        def make():
            images = self.split(settings["data"], "train")
            count = len(images) - training.VALIDATION
            rows = images[: min(settings.get("training_rows", count), count)]
            return self.train(settings, rows, images[-training.VALIDATION :])

        name = "-".join(str(settings[key]) for key in ("data", "solver", "loss", "seed"))
        solver = cached_networks.load_or_make(cached_networks.locate(name, settings), make)
        return solver, solver.notes

    def train(self, settings, images, validation):
        """Train the network with these settings (`protocols.network`); it and its notes."""
        is_printed, lam, seed = settings["preset"] == "paper", settings["lam"], settings["seed"]
        protocol, learned_at = "as-printed" if is_printed else "fair", lam and LAMBDA
        B = self.dictionary(settings["data"], settings["atoms"], seed, protocol, learned_at)
        solver = solvers.build(
            settings["solver"],
            B,
            settings["steps"],
            seed=seed,
            preset=settings.get("cell", settings["preset"]),
            classes=images.n_classes if "cross_entropy" in settings else None,
            **{key: settings[key] for key in ("kappa",) if key in settings},
        )
        if is_printed and settings["solver"] == "lfista":
            solver.m.data.zero_()  # start from plain ISTA, as the released code does
        curve, minimum, best = [], math.inf, None
        for event in training.fit(
            solver.to(device.pick()),
            images,
            settings=training.Settings(
                rate=settings["rate"],
                lam=lam,
                project=settings["project"],
                cross_entropy=settings.get("cross_entropy", 0.0),
                dictionary_rate=settings.get("dictionary_rate", 10.0),
                every=-(-len(images) // settings["batch_size"]),
            ),
            validation=validation,
            from_start=True,
            **{key: settings[key] for key in ("loss", "epochs", "seed", "preset", "batch_size")},
        ):
            keys = "epoch", "loss", "printed", "objective", "optimum", "nonzero", "accuracy"
            curve.append({key: records.rounded(getattr(event, key)) for key in keys})
            # For other losses, the mean on training rows since the last event.
            cost = event.printed if settings["loss"] == "sc2net" else event.loss
            if is_printed and cost < minimum:  # the released code keeps the weights of least cost
                minimum = cost
                best = {key: value.clone() for key, value in solver.state_dict().items()}
            self.report(
                f"  {settings['solver']} {settings['loss']} seed {seed}: epoch {event.epoch:.0f} of "
                f"{settings['epochs']}, F {event.objective:.3f}, {event.excess:z.2f} % above the optimum, "
                f"{event.seconds:.0f} s"
            )
        if best is not None:
            solver.load_state_dict(best)
        notes = {**settings, "dictionary": dictionary.digest(B), "curve": curve}
        notes |= {"seconds": event.seconds, "stopped": event.stopped}
        return solver.cpu().eval().requires_grad_(False), notes

    def dictionary(self, name, atoms, seed, protocol, lam=LAMBDA):
        """The dictionary of a protocol.

        Fair: learned to convergence at `lam` (None: for every λ), and kept in the cache. As printed: Gaussian atoms of unit
        norm. The released code learns with alpha = λN, for which all codes are zero, and the scikit-learn of its time
        replaced unused atoms by such noise.
        """
        images = self.split(name, "train")
        if protocol == "as-printed":
            generator = torch.Generator().manual_seed(seed)
            return lasso.normalised(torch.randn(images.pixels.shape[1], atoms, generator=generator))
        epochs = 100 if atoms == ATOMS else SIZES_EPOCHS
        report = lambda progress: self.report(  # noqa: E731
            f"  dictionary of {name}, {atoms} atoms, seed {seed}: epoch {progress.epoch + 1}, "
            f"F {progress.objective:.3f}"
        )
        return dictionary.converged(images, atoms, lam, seed=seed, max_epochs=epochs, report=report)


def find_shipped(settings):
    """The name under pretrained/ of exactly the network with these settings, or None if it is not shipped.

    Runs learn from all training rows. A file that notes its rows learned from `data.to_learn_from`.
    """
    plain = {"atoms": ATOMS, "seed": 0, "preset": "recommended-1"}
    variant = {"sc2net": "", "codes": "-codes", "supervised": "-supervised"}.get(settings["loss"])
    name = f"{settings['data']}/{settings['solver']}{variant}"
    is_plain = plain.items() <= settings.items() and "cell" not in settings
    if not is_plain or variant is None or name not in checkpoints.available(settings["data"]):
        return None
    notes = {"kappa": KAPPA, **checkpoints.notes(name), **checkpoints.config(name)}
    if "rows" in notes and not data.keeps_all(settings["data"]):
        return None
    lenient = {key: settings[key] for key in ("project", "tilt") if key in settings}
    notes = lenient | notes  # older files lack these settings
    keys = settings.keys() - {"atoms", "solver"}
    return name if all(notes.get(key) == settings[key] for key in keys) else None


def _coder(solver, steps=None):
    solver = solver.eval().requires_grad_(False)
    encode = lambda x, lam: evaluation.encode(solver, x, lam, steps=steps)  # noqa: E731
    return Coder(encode, solver.dictionary.detach(), solver)


def share_right(logits, images):
    return (logits.argmax(1) == images.labels).double().mean().item()


def _note(metrics, name, fitted, codes, images):
    """Note the accuracy of a fitted regression in [0, 1] as `name`, and in "right" the rows of which it is the share."""
    right = fitted.predict(codes.numpy()) == images.labels.numpy()
    metrics[name] = float(right.mean())
    noted = {"rows": len(right), "bits": records.packed(right)}
    metrics.setdefault("right", {})[name] = noted


def measure(coder, x, codes, lam):
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


def mosaic(pixels, shape, columns=10):
    """A PNG of pictures in [0, 1] side by side without gaps."""
    pictures = pixels.reshape(-1, *shape).permute(0, 3, 1, 2)
    grid = (255 * make_grid(pictures, columns, padding=0)).round().byte().permute(1, 2, 0).numpy()
    return mosaics.png(grid[..., 0] if shape[2] == 1 else grid, 9)
