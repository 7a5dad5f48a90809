"""What there is to take away of Autoencoders: the gaps at every λ, the codes of a row, a picture, and Python."""

from sc2viz.draw import encoder_gaps, mosaics
from sc2viz.pages.autoencoders.frames import GapFrames
from sc2viz.ui import encoders, known_codes, page
from sc2viz.ui.handed_out import Code, python
from sc2viz.words import _


def downloads(shown: GapFrames, solvers: list[str]) -> None:
    name = f"sc2viz-autoencoders-{shown.of.data}-{shown.of.atoms}"
    files = [
        page.png(name, lambda: _png(shown)),
        page.csv(name, lambda: _gaps(shown), _("Gaps (CSV)")),
        page.csv(f"{name}-row-{shown.row}", lambda: _codes(shown), _("Codes (CSV)")),
    ]
    page.explained(solvers, files, _python(shown))


def _png(shown: GapFrames) -> bytes:
    x, shape, k = (
        encoders.original(shown.of, shown.row),
        encoders.rows(shown.of.data).shape,
        shown.here,
    )
    rows = []
    for label, one in shown.rows.items():
        made = [codes[k] @ one.unit.T + one.offset for codes in (one.codes, one.exact)]
        drawn = [mosaics.mosaic(each, shape, side=200) for each in (x, *made)]
        bar = shown.bars[label]
        rows.append((label, float(bar.encoder[k]), float(bar.dictionary[k]), drawn))
    title = _(
        "{data}: gaps of encoders; row {row}, its encoder's picture, exact codes on the same atoms",
        data=shown.of.name,
        row=shown.row,
    )
    return mosaics.png(encoder_gaps.sheet(title, rows), level=6)


def _gaps(shown: GapFrames) -> str:
    parts = {
        "lam": "lambda",
        "F": "F",
        "optimum": "optimum_on_its_atoms",
        "bar": "optimum_on_best_dictionary",
        "encoder": "encoder_gap_percent",
        "dictionary": "dictionary_gap_percent",
        "count": "non_zeros",
        "exact_count": "exact_non_zeros",
        "r2": "r2",
        "exact_r2": "exact_r2",
    }
    rows = (
        [*shown.of, label, times, *(float(getattr(one, part)[k]) for part in parts)]
        for label, one in shown.courses.items()
        for k, times in enumerate(shown.stops)
    )
    return page.table(["data", "atoms", "kind", "lambda_times", *parts.values()], rows)


def _codes(shown: GapFrames) -> str:
    k = shown.here
    head = ["row", "atom", *(f"{label}{what}" for label in shown.rows for what in ("", "_exact"))]
    columns = [codes[k, 0] for one in shown.rows.values() for codes in (one.codes, one.exact)]
    return page.table(
        head,
        ([shown.row, j, *map(float, each)] for j, each in enumerate(zip(*columns, strict=True))),
    )


def _python(shown: GapFrames) -> Code:
    """Python that computes the same gaps and prints the same numbers."""
    price = [shown.stops[shown.here]]
    chosen = [
        (one, *lam, *given) for one in shown.found.values() for lam, given in [one.called(price)]
    ]
    best = encoders.stored(shown.of.run("frozen", "mp"))
    return python(__file__, of=shown.of, chosen=chosen, best=best, rows=known_codes.ROWS)
