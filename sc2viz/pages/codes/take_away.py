"""What there is to take away of Known codes: the numbers of all layers, the codes of one signal, a picture, and Python."""

from sc2viz import evaluation
from sc2viz.draw import mosaics, recovery
from sc2viz.pages.codes import measured, train_here
from sc2viz.pages.codes.frames import LayerFrames
from sc2viz.ui import page, url
from sc2viz.ui.handed_out import Code, python
from sc2viz.ui.known_codes import COSTS, LAYERS, Problem
from sc2viz.words import _, ngettext


def downloads(shown: LayerFrames) -> None:
    problem = shown.problem
    name = f"sc2viz-known-codes-{problem.d_x}x{problem.d_s}-k-{problem.k}-{problem.snr}-dB"
    files = [
        page.png(f"{name}-signal-{shown.row}", lambda: _png(shown)),
        page.csv(name, lambda: _layers(shown), _("Layers (CSV)")),
        page.csv(f"{name}-cost", lambda: _costs(shown), _("Cost (CSV)")),
        page.csv(f"{name}-signal-{shown.row}", lambda: _codes(shown), _("Codes (CSV)")),
    ]
    files += train_here.files(shown.chosen)
    page.explained([model.solver for model in shown.chosen], files, _python(shown))


def _png(shown: LayerFrames) -> bytes:
    problem = shown.problem
    title = ngettext(
        "Signal {row} after {n} layer: {d_x} measurements, {d_s} atoms, k = {k}, {snr} dB",
        "Signal {row} after {n} layers: {d_x} measurements, {d_s} atoms, k = {k}, {snr} dB",
        shown.layer,
        row=shown.row,
        d_x=problem.d_x,
        d_s=problem.d_s,
        k=problem.k,
        snr=problem.snr,
    )
    return mosaics.png(recovery.stems_sheet(title, shown.truth["t"][0], shown.after()), level=6)


def _layers(shown: LayerFrames) -> str:
    problem, best = shown.problem, shown.best
    parts = {
        "nmse": "nmse_db",
        "excess": "above_optimum_percent",
        "hits": "hits",
        "missed": "missed",
        "alarms": "false_alarms",
    }
    spread = [f"nmse_db_{int(100 * share)}_percent" for share in evaluation.QUANTILES]
    head = [*Problem._fields, "lambda", "solver", "layer", *parts.values(), *spread]
    rows = [
        [*problem, best.lam, "Exact codes", None, best.nmse, 0.0],
        [*problem, best.lam, "Least squares on the true support", None, best.oracle],
    ]
    for label, one in shown.courses.items():
        for layer in range(LAYERS + 1):
            found = [
                *(getattr(one, part)[layer] for part in parts),
                *(one.spread if layer == LAYERS else []),
            ]
            rows.append([*problem, best.lam, label, layer, *map(float, found)])
    return page.table(head, rows)


def _costs(shown: LayerFrames) -> str:
    head = [
        "solver",
        "layer",
        "multiplications_of_one",
        "milliseconds_of_one",
        "milliseconds_of_1000",
    ]
    found = {
        model.label: [measured.cost(model, shown.problem, by) for by in COSTS]
        for model in shown.chosen
    }
    return page.table(
        head,
        (
            [label, layer, *(each[layer] for each in costs)]
            for label, costs in found.items()
            for layer in range(LAYERS + 1)
        ),
    )


def _codes(shown: LayerFrames) -> str:
    codes = zip(shown.truth["t"][0], *shown.after().values(), strict=True)
    rows = ([shown.row, shown.layer, j, *map(float, each)] for j, each in enumerate(codes))
    return page.table(["signal", "layer", "atom", "true", *shown.found], rows)


def _python(shown: LayerFrames) -> Code:
    """Python that computes the same codes and prints the same numbers."""
    problem, own = shown.problem, url.now("own_lam")
    chosen = [
        (
            model,
            measured.atoms_a_layer(model, problem) * shown.layer,
            measured.price(model, problem, own),
        )
        for model in shown.chosen
    ]
    return python(__file__, problem=problem, layer=shown.layer, lam=shown.best.lam, chosen=chosen)
