"""The bench, in the sidebar of every page: which data, which pictures, which λ, how many iterations."""

import random
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import streamlit as st
import torch

from sc2viz import data
from sc2viz.draw import mosaics
from sc2viz.draw.mosaics import Lines, Shape
from sc2viz.ui import own, phrases, session, sets, sliders, url
from sc2viz.ui.untrusted import plain
from sc2viz.words import ENGLISH, N_, _, language, ngettext, of_noun

ALONE = (
    "photograph",
    "codes",
    "autoencoders",
    "paper",
)  # pages without the bench, which have a sidebar of their own
_NOUN = {"picture": N_("Picture"), "row": N_("Row")}
STRIP = 16  # how many thumbnails are shown at a time, and how many pictures a grid has


@dataclass(frozen=True, eq=False)
class View:
    """What the reader looks at. Pages read this, and never the widgets of the sidebar."""

    data: str  # the data set's name
    images: (
        data.Images
    )  # the test split; where the reader's own picture is at hand, that one and then the strip's
    picture: int  # the row of the picture at hand
    strip: tuple[int, ...]  # the rows of the thumbnails, `picture` among them
    lam: float
    steps: int  # T, the number of iterations
    dark: bool  # whether the dark theme is shown
    companions: tuple[
        int, ...
    ] = ()  # rows of the test split that follow the reader's own picture, which then is row 0

    @cached_property
    def shape(self) -> Shape:
        """How a row is drawn: as a picture (h, w, channels), or as a line."""
        return sets.drawn(self.images)

    @property
    def noun(self) -> str:
        """What a row is called."""
        return noun_of(self.shape)

    def pixels(self, rows) -> np.ndarray:
        """The pictures of `rows`, (n, d_x) float32."""
        return self.images.pixels[list(rows)].numpy()

    def subject(self, rows) -> str:
        """Pictures in words, at the start of a sentence: "Picture 3, a 7", "Pictures 0–15" or "Your picture"."""
        first, last = rows[0], rows[-1]
        if self.data == sets.PATCH:
            return _("The patch")
        if self.companions and first == 0:
            return (
                ngettext("Your picture and {n} other", "Your picture and {n} others", last)
                if last
                else _("Your picture")
            )
        if first != last:
            many = {"picture": N_("Pictures {first}–{last}"), "row": N_("Rows {first}–{last}")}
            return _(many[self.noun], first=first, last=last)
        one = {"picture": N_("Picture {row}"), "row": N_("Row {row}")}
        row = _(one[self.noun], row=first)
        return (
            row
            if self.images.labels is None
            else _("{row}, {label}", row=row, label=phrases.a(self.name(first)))
        )

    def average(self, rows) -> str:
        """Whose numbers are shown, amid a sentence: "average over pictures 0–15" or "picture 3, a 7"."""
        subject = self.subject(rows)
        if language() == ENGLISH:
            subject = f"{subject[0].lower()}{subject[1:]}"
        return _("average over {rows}", rows=subject) if len(rows) > 1 else subject

    def name(self, row: int) -> str:
        """A picture in words: "7" or "patch 12"."""
        if self.companions and row == 0:
            return _("your picture")
        if self.images.labels is None:
            if self.data.endswith(("patches", sets.PATCH)):
                return _("patch {row}", row=row)
            return of_noun(self.noun, "{noun} {row}", row=row)
        label = int(self.images.labels[row])
        return self.images.classes[label] if self.images.classes else str(label)


def noun_of(shape: Shape) -> str:
    """What a row that is drawn as `shape` is called."""
    return "row" if isinstance(shape, Lines) else "picture"


def current() -> View | None:
    """The view as the sidebar last left it; None on a page that has another sidebar (`keep`)."""
    return session.VIEW.get()


def keep() -> None:
    """Keep the values of the bench, for a page that does not draw it, until the reader is back on one that does."""
    for key in url.BENCH:
        if key in st.session_state or key in st.query_params:
            st.session_state[key] = url.now(key)
    session.VIEW.set(None)


def sidebar(without_steps: bool = False) -> View:
    """Draw the bench; app.py calls it before the page, so that its values outlive a change of page. without_steps: T is not
    shown, because nothing on the page uses it."""
    with st.sidebar:
        # Λ and T, and the pictures, stand above data and dictionary. While a file is asked for, data stand above the
        # pictures, so that what is wrong with the file is seen without scrolling.
        first = st.container(key="moves-lam" if without_steps else "moves")
        if url.now("data") == sets.YOURS and session.OWN_DATA.get() is None:
            name, second = _choose_data(), st.container(key="pictures")
        else:
            second = st.container(key="pictures")
            first.empty(), second.empty()  # so that both have their room before they are drawn
            name = _choose_data()
        name = sets.shown(name)
        images = sets.images(name)
        _choose_dictionary(name, images)
        with second:
            picture, rows = _choose_picture(images)
        with first:
            lam, steps = sliders.lam_and_steps(without_steps)
    view = View(name, images, picture, rows, lam, steps, st.context.theme.type == "dark")
    mine = own.pictures.pixels(images) if _takes_pictures(images) else None
    if session.OWN_CHOSEN.get() and mine is not None:
        view = _with(mine, view)
    session.VIEW.set(view)
    return view


def _with(mine: np.ndarray, view: View) -> View:
    """The view with the reader's own picture at hand, before those of the strip."""
    companions = view.strip[: STRIP - 1]
    images = view.images[list(companions)]
    pixels = torch.cat([torch.from_numpy(mine)[None], images.pixels])
    images = replace(images, pixels=pixels, labels=None, codes=None)
    return replace(
        view, images=images, picture=0, strip=tuple(range(len(pixels))), companions=companions
    )


def _takes_pictures(images: data.Images) -> bool:
    """Whether a reader's own picture can stand among the pictures of a data set."""
    return bool(images.shape) and images.name != sets.PATCH


def _choose_data() -> str:
    """Draw the menu of data sets, and the widgets of the reader's own; return the name that is chosen."""
    there = [name for name in sets.names() if name in sets.ABOUT]
    told = {
        name: _("{data}, overcomplete", data=_(sets.ABOUT[name]))
        if sets.overcomplete(name)
        else _(sets.ABOUT[name])
        for name in there
    }
    about = _(
        "The test split is shown. {about}. A dictionary is overcomplete where it has more atoms than a row has "
        "numbers.",
        about="; ".join(f"**{name}**: {said}" for name, said in told.items()),
    )
    name = url.widget("data", _("Data"), on_change=_other_data, help=about)
    if name == sets.YOURS:
        own.data.controls()
    for problem in data.of_folder()[1]:
        st.caption(f":material/warning: {plain(problem)}")
    return name


def _choose_dictionary(name: str, images: data.Images) -> None:
    """Draw the menu of dictionaries, and the widgets of the one that is chosen."""
    key = url.widget("dictionary")
    if key == sets.LEARNED:
        left, right = st.columns(2, gap="small")
        with left:
            url.widget("learn")
        with right:
            url.widget("learn_at")
    elif key == sets.OWN:
        own.dictionary.controls(images.pixels.shape[1])
    session.IN_USE.set((sets.shown(name), sets.chosen(name)))
    session.PRIVATE.set(sets.private(name))


def _choose_picture(images: data.Images) -> tuple[int, tuple[int, ...]]:
    """A strip of thumbnails to click, and the number that stands for it in the URL."""
    noun = noun_of(sets.drawn(images))
    thumbnails = st.container(key="strip")
    thumbnails.empty()  # so that it has its room, too
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key="picture-number"
    ):
        picture = url.widget(
            "picture",
            _("Number"),
            label_visibility="collapsed",
            width=104,
            on_change=session.OWN_CHOSEN.set,
            args=(False,),
            help=of_noun(
                noun, "The {noun}'s number in the test split, 0 to {last}.", last=len(images) - 1
            ),
        )
        st.button(
            _("Random"),
            icon=":material/casino:",
            on_click=lambda: pick(random.randrange(len(images))),
            help=of_noun(noun, "Another {noun}, and its neighbours."),
        )
    if _takes_pictures(images):
        with st.container(horizontal=True, gap="small", key="own"):
            own.pictures.controls(images, go_to)
    rows = strip(picture, images)
    drawn = (
        _thumbnails(images, rows)
        if sets.private(images.name)
        else _shared_thumbnails(images.name, rows, language())
    )
    mine = own.pictures.pixels(images) if _takes_pictures(images) else None
    # It replaces one picture of a full strip, so that what is below the strip does not move under a pen.
    if mine is not None:
        spared = (
            next(row for row in reversed(rows) if row != picture) if len(rows) == STRIP else None
        )
        rest = {row: drawn[row] for row in rows if row != spared}
        drawn = {
            own.pictures.ROW: f"![{_('your picture')}]({mosaics.thumbnails(mine[None], images.shape)[0]})"
        } | rest
    st.session_state["_strip"] = (
        own.pictures.ROW if mine is not None and session.OWN_CHOSEN.get() else picture
    )
    thumbnails.pills(
        _(_NOUN[noun]),
        list(drawn),
        format_func=drawn.__getitem__,
        required=True,
        key="_strip",
        on_change=lambda: pick(st.session_state["_strip"]),
        help=of_noun(
            noun, "Click the {noun} to work with. Where a page shows a grid, it shows these."
        ),
        width="stretch",
    )
    return picture, rows


def strip(picture: int, images: data.Images) -> tuple[int, ...]:
    """The rows of the thumbnails among which a picture stands."""
    first = picture // STRIP * STRIP
    return tuple(range(first, min(first + STRIP, len(images))))


@st.cache_data(max_entries=256, show_spinner=False)
def _shared_thumbnails(name: str, strip: tuple[int, ...], language: str) -> dict[int, str]:
    """language: that of the labels, of which what is kept has one."""
    return _thumbnails(sets.images(name), strip)


def _thumbnails(images: data.Images, strip: tuple[int, ...]) -> dict[int, str]:
    """Thumbnails of the rows `strip` as Markdown images, by row."""
    few = images[list(strip)]
    names = [_("picture {row}", row=row) for row in strip]
    if few.labels is not None:
        labels = zip(strip, few.labels.tolist(), strict=True)
        names = [_("picture {row} a {label}", row=row, label=label) for row, label in labels]
    drawn = mosaics.thumbnails(few.pixels.numpy(), sets.drawn(images))
    return {row: f"![{name}]({uri})" for row, name, uri in zip(strip, names, drawn, strict=True)}


def pick(row: int) -> None:
    """Put a picture at hand, in a callback: a row of the test split, or the reader's own."""
    session.OWN_CHOSEN.set(row == own.pictures.ROW)
    if row != own.pictures.ROW:
        st.session_state["picture"] = row


def go_to(name: str) -> None:
    """Choose another data set."""
    st.session_state["data"] = name
    _other_data()


def _other_data() -> None:
    """Begin with the first picture and the first dictionary of the data set."""
    st.session_state["picture"] = 0
    st.session_state.pop("dictionary", None)
