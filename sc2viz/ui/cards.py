"""Pictures and numbers of several solvers side by side: one block of HTML, which repaints at once and reflows on a phone.

Lines and quiet text mix the theme's own text colour (style.css), so a change of theme needs no rerun.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
import streamlit as st

from sc2viz.figures import pictures, sheet, style

GAP = 18  # px between cards, as in style.css
ROOM = 900  # px beside the bench of a window 1280 px wide


@dataclass(frozen=True)
class Card:
    """One column: a name in its solver's colour, pictures under each other, one number large, the others small."""

    label: str
    solver: str
    note: str = ""
    pictures: Sequence[tuple[np.ndarray, str]] = ()  # RGBA and its alt text
    headline: tuple[str, str] | None = None  # the number and what it is
    numbers: dict[str, str] = field(default_factory=dict)
    extra: str = ""  # HTML after the pictures, such as `error_bar`


def draw(cards: Sequence[Card], narrowest: int = 160) -> None:
    """Draw the cards in one row where there is room, else in about equally long ones, none narrower than `narrowest` px."""
    room = (ROOM + GAP) // (narrowest + GAP)
    most = -(-len(cards) // max(1, -(-len(cards) // room)))
    st.html(f'<div class="sc-cards" style="--narrowest:{narrowest}px; --most:{most}">{"".join(map(_html, cards))}</div>')


def png(title: str, cards: Sequence[Card]) -> bytes:
    """The cards as one picture to take away."""
    columns = [
        sheet.Column(
            card.label,
            style.colour(card.solver),
            [rgba for rgba, _ in card.pictures],
            [" ".join(card.headline or ()), *(f"{name} {value}" for name, value in card.numbers.items())],
        )
        for card in cards
    ]
    return pictures.png(sheet.sheet(title, columns))


def error_bar(top: float) -> str:
    """The colour bar that all error pictures share, from black, no error, to `top` and above."""
    alt = f"Colour bar: black is no error, bright is {top:g} or more"
    return _bar(style.css_gradient(style.error_scale()), ("0", f"{top / 2:g}", f"≥ {top:g}"), alt)


def code_bar(top: float, dark: bool) -> str:
    """The colour bar of codes, from −top to top."""
    gradient = style.css_gradient(style.diverging_scale(dark))
    return _bar(gradient, (f"−{top:g}", "0", f"{top:g}"), f"Colour bar: codes from −{top:g} to {top:g}")


def _bar(gradient: str, ticks: tuple[str, ...], alt: str) -> str:
    marks = "".join(f"<span>{tick}</span>" for tick in ticks)
    return f'<div class="sc-bar" role="img" aria-label="{alt}"><i style="background:{gradient}"></i><div>{marks}</div></div>'


def _html(card: Card) -> str:
    colour = "currentColor"
    if card.solver not in ("exact", "truth"):
        colour = f"light-dark({style.colour(card.solver)}, {style.colour(card.solver, dark=True)})"
    images = "".join(
        f'<img src="{pictures.data_uri(rgba)}" alt="{escape(alt)}" width="{rgba.shape[1]}" height="{rgba.shape[0]}">'
        for rgba, alt in card.pictures
    )
    note = f"<small>{escape(card.note)}</small>" if card.note else ""
    number, meaning = card.headline or ("", "")
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in card.numbers.items())
    return (
        f'<figure class="sc-card sc-{card.solver}" style="--solver:{colour}">'
        f"<figcaption><span>{escape(card.label)}</span>{note}</figcaption>"
        f'<div class="sc-pictures">{images}{card.extra}</div>'
        f'<p class="sc-headline"><b>{escape(number)}</b> {escape(meaning)}</p><dl>{rows}</dl></figure>'
    )
