"""The frames of Step through: each solver's pictures and curves at every iteration, and the numbers in the sentences."""

from dataclasses import dataclass

import numpy as np
import torch

from sc2viz import evaluation
from sc2viz.figures import pictures, style
from sc2viz.ui import models, phrases, results, sets, sidebar, stage, url


@dataclass(frozen=True, eq=False)
class Frames:
    """All iterations of one picture, as the scrubber and the sentences need them. The keys of dicts are solvers' labels."""

    pixels: np.ndarray  # (1, d_x)
    paths: dict[str, results.Descent]
    excess: dict[str, np.ndarray]  # (HORIZON + 1,) %
    active: dict[str, np.ndarray]  # (T + 1,) atoms in use
    optimum_active: int
    psnr: dict[str, np.ndarray]  # (T + 1,) dB
    predictions: dict[str, tuple[np.ndarray, list[str], int | None]]  # probabilities (T + 1, classes), names, true class
    top: float  # the upper end of the error scale
    groups: list[stage.Group]
    distance: stage.Curves


def learned(model: models.Model) -> bool:
    """Whether the model is a trained network."""
    return model.own_atoms


def compute(view: sidebar.View, chosen: list[models.Model]) -> Frames:
    """Compute the frames of iterations 0 to T for the selected picture."""
    pixels = view.pixels([view.picture])
    safe = url.now("safeguard")
    paths = {model.label: results.descent(model, pixels, view.lam, safe) for model in chosen}
    best = results.optimum(view.data, pixels, view.lam)
    frames = slice(0, view.steps + 1)
    codes = {label: path.codes[frames, 0] for label, path in paths.items()}
    with np.errstate(invalid="ignore", over="ignore"):
        drawn = {label: values @ paths[label].dictionary.T for label, values in codes.items()}
        errors = {label: pictures.error(pixels, values, view.shape) for label, values in drawn.items()}
    # The error scale is that of the second half of the iterations without diverging codes, which would darken the rest.
    late = [(label, t) for label in drawn for t in range(max(1, view.steps // 2), view.steps + 1)]
    sane = [(label, t) for label, t in late if paths[label].excess[t] <= paths[label].excess[0]] or late
    top = pictures.shared_top([errors[label][t] for label, t in sane], most=pictures.span(view.shape))
    psnr = {label: _psnr(pixels, values, sets.peak(view.data)) for label, values in drawn.items()}
    active = {label: evaluation.in_use(values).sum(1) for label, values in codes.items()}
    excess = {label: path.excess for label, path in paths.items()}
    up, down = _reach([best.codes, *(path.best.codes for path in paths.values())], list(codes.values()))
    predictions = {model.label: said for model in chosen if (said := _prediction(view, model, codes[model.label]))}
    groups = [_target(view, pixels, best, errors_of=pictures.error(pixels, best.reconstruction, view.shape), top=top,
                      reach=(up, down))]  # fmt: skip
    for model in chosen:
        label, path = model.label, paths[model.label]
        panels = _panels(view, model, path, drawn[label], errors[label], top, (up, down))
        if label in predictions:
            shares, names, truth = predictions[label]
            alt = f"Prediction of {label} after {{t}} iterations, one bar per class"
            colour = style.colour(model.solver, view.dark)
            panels.append(stage.Bars("prediction, Eq. (12)", shares, names, colour, alt, truth))
        readings = {
            "from the optimum" if learned(model) else "above the optimum": list(map(phrases.above, path.excess[frames])),
            "Objective F": [phrases.objective(value) for value in path.objective[frames, 0]],
            "PSNR": [phrases.decibels(value) for value in psnr[label]],
            "Atoms in use": [f"{n} of {codes[label].shape[1]}" for n in active[label]],
        }
        if learned(model):
            readings["Own atoms"] = list(map(phrases.above, path.own[frames]))
        if safe:
            acted = path.safeguarded[: view.steps, 0]
            readings["Safeguard"] = ["–", *("ISTA step" if there else "no" for there in acted)]
        groups.append(stage.Group(label, style.colour(model.solver, view.dark), panels, model.note, readings))

    distance = stage.Curves(
        "Distance to the optimum",
        [
            stage.Line(
                model.label,
                excess[model.label][frames],
                style.colour(model.solver, view.dark),
                style.lengths(style.dash(model)),
            )
            for model in chosen
        ],  # fmt: skip
        f"Distance to the optimum in percent against the iteration, with a marker at {{t}}: {', '.join(paths)}",
        unit=" %",
        optimum="exact optimum: 0 %",
    )
    used = int(evaluation.in_use(best.codes).sum())
    return Frames(pixels, paths, excess, active, used, psnr, predictions, top, groups, distance)


def _panels(view, model: models.Model, path: results.Descent, drawn: np.ndarray, errors: np.ndarray, top: float,
            reach: tuple[float, float]) -> list:  # fmt: skip
    """What a solver's card shows at each of the iterations 0 to T: `drawn` and `errors` (T + 1, d_x), and its code."""
    label, codes = model.label, path.codes[: len(drawn), 0]
    atoms = np.linalg.norm(path.dictionary, axis=0) if learned(model) else 1.0
    return [
        stage.Picture("reconstruction", stage.tiles(drawn, view.shape), f"Reconstruction by {label} after {{t}} iterations"),
        stage.Picture(
            "error",
            stage.scaled(errors, 0, top)[:, None],
            f"Error of {label} after {{t}} iterations",
            table=style.ERROR_TABLE,
        ),
        stage.Stems(
            "code s",
            codes * atoms,
            reach[0],
            style.colour(model.solver, view.dark),
            f"Code of {label} after {{t}} iterations, one stem per atom, with the exact optimum's code as circles",
            reference=path.best.codes[0],
            reference_label="optimum",
            bottom=reach[1],
        ),
    ]


def _prediction(view: sidebar.View, model: models.Model, codes: np.ndarray):
    """Each iteration's probabilities of the classes, the classes' names, and the true one; None without a head."""
    shares = results.probabilities(model, codes)
    if shares is None:
        return None
    names, truth = _classes(view)
    return shares, names or [str(k) for k in range(shares.shape[1])], truth


def _target(view, pixels, best: results.Result, errors_of, top: float, reach: tuple[float, float]) -> stage.Group:
    """The card of the exact optimum, which is the same at every iteration."""
    name = view.subject([view.picture])
    panels = [
        stage.Picture("ground truth", stage.tiles(pixels, view.shape), f"{name}, ground truth"),
        stage.Picture(
            "error of s*",
            stage.scaled(errors_of, 0, top)[:, None],
            f"Error of the exact optimum, {errors_of.mean():.3g} on average",
            table=style.ERROR_TABLE,
        ),
        stage.Stems("code s*", best.codes, reach[0], None, "Code of the exact optimum, one stem per atom", bottom=reach[1]),
    ]
    readings = {
        "the minimum F on these atoms": [phrases.objective(best.objective)],
        "PSNR": [phrases.decibels(best.psnr)],
        "Atoms in use": [f"{int(evaluation.in_use(best.codes).sum())} of {best.codes.shape[1]}"],
    }
    scale = (style.ERROR_TABLE, ("0", f"{top / 2:g}", f"≥ {top:g}"), "Error |x − Bs|, the same scale for all")
    return stage.Group("Exact optimum", None, panels, name, readings, scale, dashed=True)


def _reach(best: list[np.ndarray], codes: list[np.ndarray]) -> tuple[float, float]:
    """The range of the stems, up and down: the largest entries of all codes, but at most three times the optimum's."""
    most = 3 * max(float(np.abs(values).max()) for values in best) or np.inf

    def reach(sign: int) -> float:
        seen = max(float((sign * values[np.isfinite(values)]).max(initial=0)) for values in [*best, *codes])
        return style.round_up(min(seen, most)) if seen > 0 else 0.0

    up, down = reach(1), reach(-1)
    return (up, down) if up or down else (1.0, 0.0)


def _classes(view: sidebar.View) -> tuple[list[str] | None, int | None]:
    """The names of the classes, and the true class of the selected picture; None if they are not known."""
    names = list(view.images.classes) if view.images.classes else None
    return names, None if view.images.labels is None else int(view.images.labels[view.picture])


def _psnr(pixels: np.ndarray, drawn: np.ndarray, peak: float) -> np.ndarray:
    return evaluation.psnr(torch.from_numpy(pixels).expand(len(drawn), -1), torch.from_numpy(drawn), peak).numpy()
