"""What there is to take away of Known codes: the numbers of all layers, the codes of one signal, a picture, and Python."""

import io
from collections.abc import Mapping, Sequence

from PIL import Image

from sc2viz import evaluation, words
from sc2viz.analysis.recovery import ExactCodes, LayerCourse
from sc2viz.draw import recovery
from sc2viz.pages.codes import costs, measured, train_here
from sc2viz.ui import describe_models, known_codes, page, url
from sc2viz.ui.known_codes import LAYERS, Problem
from sc2viz.ui.models import Model


def downloads(problem: Problem, row: int, layer: int, chosen: Sequence[Model], courses: Mapping[str, LayerCourse],
              best: ExactCodes) -> None:  # fmt: skip
    name = f"sc2viz-known-codes-{problem.d_x}x{problem.d_s}-k-{problem.k}-{problem.snr}-dB"
    files = [
        page.png(f"{name}-signal-{row}", lambda: _png(problem, row, layer, chosen)),
        page.csv(name, lambda: _layers(problem, best, courses), "Layers (CSV)"),
        page.csv(f"{name}-cost", lambda: _costs(problem, chosen), "Cost (CSV)"),
        page.csv(f"{name}-signal-{row}", lambda: _codes(problem, row, layer, chosen), "Codes (CSV)"),
    ]
    files += train_here.files(chosen)
    page.take_away(files, _python(problem, layer, chosen, best))


def _png(problem: Problem, row: int, layer: int, chosen: Sequence[Model]) -> bytes:
    truth = known_codes.images(problem).codes[row].numpy()
    found = {model.label: measured.path(model, problem, row, url.now("own_lam"))[layer, 0] for model in chosen}
    sizes = f"{problem.d_x} measurements, {problem.d_s} atoms, k = {problem.k}, {problem.snr} dB"
    title = f"Signal {row} after {words.count(layer, 'layer')}: {sizes}"
    stream = io.BytesIO()
    Image.fromarray(recovery.stems_sheet(title, truth, found)).save(stream, "PNG")
    return stream.getvalue()


def _layers(problem: Problem, best: ExactCodes, courses: Mapping[str, LayerCourse]) -> str:
    parts = {"nmse": "nmse_db", "excess": "above_optimum_percent", "hits": "hits", "missed": "missed",
             "alarms": "false_alarms"}  # fmt: skip
    spread = [f"nmse_db_{int(100 * share)}_percent" for share in evaluation.QUANTILES]
    head = [*Problem._fields, "lambda", "solver", "layer", *parts.values(), *spread]
    rows = [[*problem, best.lam, "Exact codes", None, best.nmse, 0.0],
            [*problem, best.lam, "Least squares on the true support", None, best.oracle]]  # fmt: skip
    for label, one in courses.items():
        for layer in range(LAYERS + 1):
            found = [*(getattr(one, part)[layer] for part in parts), *(one.spread if layer == LAYERS else [])]
            rows.append([*problem, best.lam, label, layer, *map(float, found)])
    return page.table(head, rows)


def _costs(problem: Problem, chosen: Sequence[Model]) -> str:
    head = ["solver", "layer", "multiplications_of_one", "milliseconds_of_one", "milliseconds_of_1000"]
    return page.table(head, costs.rows(chosen, problem))


def _codes(problem: Problem, row: int, layer: int, chosen: Sequence[Model]) -> str:
    truth = known_codes.images(problem).codes[row].numpy()
    found = [measured.path(model, problem, row, url.now("own_lam"))[layer, 0] for model in chosen]
    head = ["signal", "layer", "atom", "true", *(model.label for model in chosen)]
    return page.table(head, ([row, layer, j, *map(float, each)] for j, each in enumerate(zip(truth, *found, strict=True))))


def _python(problem: Problem, layer: int, chosen: Sequence[Model], best: ExactCodes) -> str:
    """Python that computes the same codes and prints the same numbers."""
    own, built = url.now("own_lam"), ""
    for model in chosen:
        steps, price = measured.atoms_a_layer(model, problem) * layer, measured.price(model, problem, own)
        built += f'    "{model.label}": ({describe_models.python(model)}, {steps}, {price:g}),\n'
    return f"""from sc2viz import checkpoints, data, evaluation, lasso, solvers

known = {problem.python()}
x, B, truth = known.pixels, known.dictionary, known.codes
lam = {best.lam:g}  # sc2viz.analysis.recovery.best_lambda of other signals, {problem.python("train")}
exact = lasso.solve(x, B, lam, tol=1e-6).codes
optimum = lasso.objective(x, exact.float(), B, lam)
print(f"exact codes: NMSE {{evaluation.nmse(exact, truth):.2f}} dB")
chosen = {{  # a solver, how many iterations make {layer} layers, and its λ
{built}}}
for name, (solver, steps, price) in chosen.items():
    codes = solver.trace(x, price, steps=max(1, steps)).codes[steps].detach()
    above = evaluation.rank(x, codes, solver.dictionary.detach(), lam, optimum)
    print(f"{{name}}: NMSE {{evaluation.nmse(codes, truth):.2f}} dB, F {{above:.2g}} % above the optimum")
"""
