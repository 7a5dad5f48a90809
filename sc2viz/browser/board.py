"""A board: cards whose pictures and numbers move with λ and T in the browser, which draws offset + B·s and nothing else.

The server computes codes and numbers at every stop; board.js draws those of the stop under the finger.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sc2viz.browser import readings, wire_format
from sc2viz.browser.panels import steps
from sc2viz.browser.stops import MARKS
from sc2viz.browser.wire_format import FINER, Parcel, pack
from sc2viz.draw import mosaics, style
from sc2viz.draw.cards import Canvas, Card, Reads, Text, html
from sc2viz.draw.mosaics import Lines, Shape
from sc2viz.draw.sheet import ColourBar, code_bar, error_bar

_SCALES = {
    "error": steps(style.ERROR_TABLE),
    "diverging": {
        "light": steps(style.DIVERGING_TABLE[False]),
        "dark": steps(style.DIVERGING_TABLE[True]),
    },
}


@dataclass(frozen=True, eq=False)
class Column:
    """What the canvases of one card draw: atoms (d_x, d_s), and codes (stops, n, d_s) by the key of a slider. Codes with a
    single stop hold still. Without atoms it is x itself."""

    atoms: np.ndarray | None = None
    codes: Mapping[str, np.ndarray] = field(default_factory=dict)
    offset: np.ndarray | None = None  # (d_x,) what reconstructions begin from, 0 without one
    solver: str = ""  # the solver whose codes they are, by the name under which the browser may compute them (coder.js)
    best: bool = False  # whether they are those of the optimum on that solver's atoms
    lam: float | None = None  # the λ of codes that no slider moves
    # The numbers of the codes, by axis: arrays (stops,) by the names that `readings.format_reading` and readings.js know.
    numbers: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Codes:
    """Codes that move: of pictures x (n, d_x), drawn as `shape` says, at the `stops` of each axis, while the others stay
    at theirs (`position`). `tops`: the error that is brightest, at every stop."""

    x: np.ndarray
    shape: Shape
    stops: Mapping[str, Sequence[float]]
    position: Mapping[str, float]
    columns: Sequence[Column]
    tops: Mapping[str, Sequence[float]] = field(default_factory=dict)
    code_top: float = 1.0
    fine = 0  # k where codes travel as multiples of 2^−k; 0: as `pack` has it

    def message(self, pack: Callable[..., Parcel] = pack) -> tuple[dict, list[Parcel]]:
        """What the browser needs, and the arrays that it refers to by name."""
        parcels: list[Parcel] = []

        def label(array: np.ndarray, *options: int) -> dict:
            parcels.append(pack(array, *options))
            return parcels[-1].label()

        columns = []
        for column in self.columns:
            atoms = None if column.atoms is None else label(column.atoms, FINER, True)
            data: dict[str, Any] = {"atoms": atoms}
            if column.offset is not None:
                data["offset"] = label(column.offset)
            data["codes"] = {
                axis: self._label_codes(axis, codes, label) for axis, codes in column.codes.items()
            }
            if column.solver:
                data |= {"by": column.solver, "best": column.best}
            if column.lam is not None:
                data["lam"] = column.lam
            for axis, numbers in column.numbers.items():
                parcels.append(wire_format.floats(np.stack(list(numbers.values()))))
                labelled = {"names": list(numbers), **parcels[-1].label()}
                data.setdefault("numbers", {})[axis] = labelled
            columns.append(data)

        line = vars(self.shape) if isinstance(self.shape, Lines) else None
        message = {
            "x": label(self.x),
            "shape": [1, self.shape.d_x, 1] if line else list(self.shape),
            "base": mosaics.base(self.shape),
            "line": line,
            "stops": {key: list(values) for key, values in self.stops.items()},
            "at": dict(self.position),
            "columns": columns,
            "tops": {key: list(map(float, values)) for key, values in self.tops.items()},
            "code_top": self.code_top,
            **_SCALES,
        }
        return message, parcels

    def _label_codes(self, axis: str, codes: np.ndarray, label: Callable[..., dict]) -> dict:
        """The label of codes along an axis. Where the slider stands between its marks, the stop at hand travels apart: the
        others are the same wherever it stands, and may have arrived before (`Parcels` in decode.js puts it in)."""
        is_on_mark = axis not in MARKS or self.position[axis] in MARKS[axis]
        if is_on_mark or len(codes) != len(self.stops[axis]) or len(codes) == 1:
            return label(codes, self.fine)
        k = list(self.stops[axis]).index(self.position[axis])
        others = label(np.delete(codes, k, axis=0), self.fine)
        current = label(codes[k : k + 1], self.fine)
        return {"name": f"{others['name']}:{current['name']}:{k}", "size": list(codes.shape)}


@dataclass(frozen=True, eq=False)
class Dots:
    """Markers on the curves of a Plotly chart, in the order of its last trace: their places (stops, markers) on an axis."""

    chart: str  # its key
    x: np.ndarray
    y: np.ndarray
    axis: str = "lam"  # the slider that moves them


@dataclass(frozen=True, eq=False)
class Board(Codes):
    """Everything that moves together. The canvases of `cards` name their columns."""

    cards: Sequence[Card] = ()
    dots: Sequence[Dots] = ()  # each moves with one slider
    narrowest: int = 88  # px of a card
    cards_in_row: int = 6
    footer: str = ""  # HTML under the cards, whose words may move (`cards.wrap_text`)
    # What the page's sentence says, by its `kind` in sentences.js, and what it is given.
    sentence: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""  # whose picture it is, which cards say where the reader has drawn none
    fine: int = 0

    def static_cards(self) -> list[Card]:
        """The cards with pictures and words instead of canvases and numbers, as they are where the sliders stand."""
        return [
            replace(
                card,
                label=self._format(card.label),
                pictures=[self._draw(picture) for picture in card.pictures],
                headline=card.headline and tuple(map(self._format, card.headline)),
                numbers={name: self._format(text) for name, text in card.numbers.items()},
            )
            for card in self.cards
        ]

    def _format(self, text: Text) -> Text:
        """A number of a column in words, where the sliders stand; other texts as they are."""
        if not isinstance(text, Reads):
            return text
        column = self.columns[text.column]
        axis, numbers = next(iter(column.numbers.items()))
        lam = self.position.get("lam") if column.lam is None else column.lam
        values = {name: float(self._current(axis, array)) for name, array in numbers.items()}
        return readings.format_reading(text.reading, values | {"lam": lam})

    def bars(self) -> list[ColourBar]:
        """The colour bars of the errors and of the codes that the cards show, as they are where the sliders stand."""
        pictures = [picture for card in self.cards for picture in card.pictures]
        kinds = {picture.kind for picture in pictures if isinstance(picture, Canvas)}
        bars = [error_bar(self._top())] if "error" in kinds else []
        return [*bars, code_bar(self.code_top)] if "code" in kinds else bars

    def _current(self, axis: str, values: Sequence) -> Any:
        """Of values at the stops of an axis that at which the slider stands; a single one holds still."""
        return values[list(self.stops[axis]).index(self.position[axis]) % len(values)]

    def _top(self) -> float:
        """The error that is brightest there."""
        return self._current(*next(iter(self.tops.items())))

    def _draw(self, canvas: Canvas) -> tuple[np.ndarray, str]:
        column = self.columns[canvas.column]
        picture, codes = self.x, None
        if column.codes:
            codes = self._current(*next(iter(column.codes.items())))
            picture = codes @ column.atoms.T + (0 if column.offset is None else column.offset)
        if canvas.kind == "code":
            return mosaics.code_mosaic(codes, self.code_top), canvas.alt
        if canvas.kind == "error":
            error = mosaics.error(self.x, picture, self.shape)
            return mosaics.error_mosaic(error, self._top()), canvas.alt
        return mosaics.mosaic(picture, self.shape), canvas.alt

    def message(self, pack: Callable[..., Parcel] = pack) -> tuple[dict, list[Parcel]]:
        """What the browser needs, and the arrays that it refers to by name."""
        data, parcels = super().message(pack)
        cards = html(self.cards, self.narrowest, headline_first=True, row_limit=self.cards_in_row)
        data["html"] = cards + self.footer
        data["dots"] = [vars(dots) | {"x": _rows(dots.x), "y": _rows(dots.y)} for dots in self.dots]
        if self.subject:
            data["subject"] = self.subject
        if self.sentence:
            data["sentence"] = dict(self.sentence)
        return data, parcels


def _rows(values: np.ndarray) -> list:
    """Numbers for JSON, which has no infinity, to four digits: a chart has fewer than ten thousand pixels."""
    return [
        [float(f"{value:.4g}") if np.isfinite(value) else None for value in row] for row in values
    ]
