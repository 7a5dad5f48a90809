"""Pictures and numbers of several solvers side by side: one block of HTML, which repaints at once and reflows on a phone.

Lines and quiet text mix the theme's own text colour (cards.css), so a change of theme needs no rerun. Pictures are drawn
here, or by the browser (`sc2viz.browser.board`) on a `Canvas`, with words that move (`Said`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from sc2viz.draw import mosaics, sheet, style
from sc2viz.words import _

GAP = 18  # px between cards, as in cards.css
ROOM = 900  # px for cards beside the sidebar of a window 1280 px wide


@dataclass(frozen=True)
class Reads:
    """A number of a column of the board, which the browser says where the sliders stand (`readings.format_reading`)."""

    column: int
    reading: str


@dataclass(frozen=True)
class Said:
    """Words that move: what they are now, and what they are at each stop, by axis. They have no "|". `reads`: which number
    of which column they say, "2 psnr", where the browser may compute it (browser/coder.js)."""

    text: str
    stops: Mapping[str, Sequence[str]]
    reads: str = ""


Text = str | Reads | Said


@dataclass(frozen=True)
class Canvas:
    """A picture that the browser draws: a column of the board, and "picture", "error" or "code" of it."""

    column: int
    kind: str
    alt: str
    under: Reads | None = None


@dataclass(frozen=True)
class Served:
    """A picture that the browser loads from `url` when it comes into view, `width` × `height` px."""

    url: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Card:
    """One column: a name in its solver's colour, pictures under each other, one number large, the others small."""

    label: Text
    solver: str
    note: str = ""
    # Each as RGBA with its alt text, or as what the browser draws or loads.
    pictures: Sequence[tuple[np.ndarray, str] | Canvas | Served] = ()
    headline: tuple[Text, Text] | None = None  # the card's large number, and what it measures
    numbers: Mapping[str, Text] = field(default_factory=dict)
    extra: str = ""  # HTML under the card's pictures, such as `error_bar`
    dash: str = ""  # the dash pattern of its rule, by default the solver's own
    is_unranked: bool = (
        False  # whether it stands below a line, with others that the first number does not rank
    )


def html(
    cards: Sequence[Card],
    narrowest: int = 160,
    headline_first: bool = False,
    row_limit: int | None = None,
) -> str:
    """The cards in one row where there is room, else in about equally long ones, none narrower than `narrowest` px. A row
    has `row_limit` so many, by default as many as fit beside the sidebar."""
    room = row_limit or (ROOM + GAP) // (narrowest + GAP)
    per_row = -(-len(cards) // max(1, -(-len(cards) // room)))
    inside = "".join(
        figure(card, headline_first) for card in sorted(cards, key=lambda card: card.is_unranked)
    )
    close = " sc-close" if row_limit else ""
    across = f"--narrowest:{narrowest}px; --most:{per_row}; --half:{-(-per_row // 2)}"
    return f'<div class="sc-cards{close}" style="{across}">{inside}</div>'


def draw_sheet(
    title: str, cards: Sequence[Card], bars: Sequence[sheet.ColourBar] = ()
) -> np.ndarray:
    """The cards, without canvases, and the colour bars of what they show, as one picture to take away."""
    columns = [
        sheet.SheetColumn(
            _current(card.label),
            style.colour(card.solver),
            [rgba for rgba, _ in card.pictures],
            [
                " ".join(map(_current, card.headline or ())),
                *(f"{name} {_current(value)}" for name, value in card.numbers.items()),
            ],
        )
        for card in cards
    ]
    return sheet.sheet(title, columns, bars=bars)


def error_bar(top: float) -> str:
    """The colour bar that all error pictures share, from black, no error, to `top` and above."""
    ticks = sheet.error_bar(top).ticks
    limit = ticks[-1].removeprefix("≥ ")
    alt = _("Colour bar: black is no error, bright is {limit} or more", limit=limit)
    return _bar(style.ERROR, ticks, alt)


def code_bar(top: float) -> str:
    """The colour bar of codes, from −top to top, in both themes."""
    stops = map("light-dark({}, {})".format, *style.DIVERGING.values())
    ticks = sheet.code_bar(top).ticks
    return _bar(
        stops, ticks, _("Colour bar: codes from {low} to {high}", low=ticks[0], high=ticks[2])
    )


def _bar(stops: Iterable[str], ticks: Sequence[str], alt: str) -> str:
    marks = "".join(wrap_text(tick, "span") for tick in ticks)
    gradient = f"linear-gradient(to right, {', '.join(stops)})"
    return f'<div class="sc-bar" role="img" aria-label="{alt}"><i style="background:{gradient}"></i><div>{marks}</div></div>'


def _current(text: str | Said) -> str:
    return text.text if isinstance(text, Said) else text


def wrap_text(text: Text, tag: str) -> str:
    """Words in a tag; those that move carry what they are at every stop, and numbers their name."""
    if isinstance(text, Reads):
        return f'<{tag} data-reads="{text.column} {text.reading}"></{tag}>'
    if not isinstance(text, Said):
        return f"<{tag}>{escape(text)}</{tag}>"
    reads = f' data-reads="{text.reads}"' if text.reads else ""
    return f'<{tag} data-said="{_at_stops(text.stops)}"{reads}>{escape(text.text)}</{tag}>'


def moves(transforms: Sequence[str], index: int, axis: str) -> str:
    """The attributes of an SVG element whose `transform` moves along an axis: what it is now, and at every stop."""
    return f'transform="{transforms[index]}" data-moves="{_at_stops({axis: transforms})}"'


def _at_stops(texts: Mapping[str, Sequence[str]]) -> str:
    return escape(
        json.dumps({key: "|".join(stops) for key, stops in texts.items()}, ensure_ascii=False)
    )


def _picture(picture: tuple[np.ndarray, str] | Canvas | Served) -> str:
    if isinstance(picture, Served):
        size = f'width="{picture.width}" height="{picture.height}"'
        return (
            f'<img loading="lazy" src="{escape(picture.url)}" alt="{escape(picture.alt)}" {size}>'
        )
    if isinstance(picture, Canvas):
        under = wrap_text(picture.under, "small") if picture.under else ""
        alt = escape(picture.alt)
        place = f'data-column="{picture.column}" data-kind="{picture.kind}"'
        return f'<canvas role="img" aria-label="{alt}" {place}></canvas>{under}'
    rgba, alt = picture
    sharp = ' style="image-rendering:pixelated"' if rgba.shape[1] < 64 else ""  # it is enlarged
    high, wide = rgba.shape[:2]
    return f'<img src="{mosaics.kept_uri(rgba)}" alt="{escape(alt)}" width="{wide}" height="{high}"{sharp}>'


def figure(card: Card, headline_first: bool = True) -> str:
    """One card alone, as HTML."""
    colour, rule, mark = "currentColor", "", ""
    if card.solver not in ("exact", "truth"):
        colour = style.themed(card.solver)
        rule, mark = (
            f"--rule:{style.rule(card.dash or style.own_dash(card.solver))}; ",
            style.mark(card.solver),
        )
    note = f"<small>{escape(card.note)}</small>" if card.note else ""
    number, meaning = card.headline or ("", "")
    rows = "".join(
        f"<div><dt>{escape(name)}</dt>{wrap_text(value, 'dd')}</div>"
        for name, value in card.numbers.items()
    )
    pictures = f'<div class="sc-pictures">{"".join(map(_picture, card.pictures))}{card.extra}</div>'
    about = escape(meaning) if isinstance(meaning, str) else wrap_text(meaning, "span")
    headline = f'<p class="sc-headline">{wrap_text(number, "b")} {about}</p>'
    return (
        f'<figure class="sc-card sc-{card.solver}{" sc-below" if card.is_unranked else ""}" style="{rule}--solver:{colour}">'
        f"<figcaption>{wrap_text(card.label, 'span')}{mark}{note}</figcaption>"
        f"{headline + pictures if headline_first else pictures + headline}<dl>{rows}</dl></figure>"
    )
