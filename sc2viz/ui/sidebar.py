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
from sc2viz.ui.cache import cached
from sc2viz.ui.untrusted import plain
from sc2viz.words import ENGLISH, N_, _, language, ngettext, of_noun

# Pages without the bench, which have a sidebar of their own
ALONE = ("photograph", "codes", "autoencoders", "paper")
_draw_thumbnails = cached(mosaics.thumbnails)
STRIP = 16  # how many thumbnails are shown at a time, and how many pictures a grid has


@dataclass(frozen=True, eq=False)
class View:
    """What the reader looks at. Pages read this, and never the widgets of the sidebar."""

    data: str  # the data set's name
    images: data.Images  # the test split, or the reader's own picture and those of `companions`
    picture: int  # the row of the current picture
    strip: tuple[int, ...]  # the rows of the thumbnails, `picture` among them
    lam: float
    steps: int  # T, the number of iterations
    dark: bool  # whether the dark theme is shown
    companions: tuple[int, ...] = ()  # rows of the test split behind the reader's own, row 0
    is_of_class: bool = False  # whether the pictures are those that the reader's class has drawn

    @cached_property
    def shape(self) -> Shape:
        """How a row is drawn: as a picture (h, w, channels), or as a line."""
        return sets.row_shape(self.images)

    @property
    def noun(self) -> str:
        """What a row is called."""
        return noun_of(self.shape)

    @property
    def x(self) -> np.ndarray:
        """The current picture, (1, d_x)."""
        return self.pixels([self.picture])

    @property
    def B(self) -> torch.Tensor:
        """The dictionary at hand, (d_x, d_s)."""
        return sets.dictionary(self.data)

    def pixels(self, rows) -> np.ndarray:
        """Return the pictures of `rows`, (n, d_x) float32."""
        return self.images.pixels[list(rows)].numpy()

    def subject(self, rows=()) -> str:
        """Return pictures in words, by default the current one, at the start of a sentence: "Picture 3, a 7", "Pictures 0–15"
        or "Your picture"."""
        rows = rows or [self.picture]
        first, last = rows[0], rows[-1]
        if self.data == sets.PATCH:
            return _("The patch")
        if self.companions and first == 0:
            if not last:
                return _("Your picture")
            return ngettext("Your picture and {n} other", "Your picture and {n} others", last)
        message, messages = N_("Picture {row}"), N_("Pictures {first}–{last}")
        if self.is_of_class:
            message, messages = (
                N_("Drawing {row} of the class"),
                N_("Drawings {first}–{last} of the class"),
            )
            first, last = first + 1, last + 1
        elif self.noun == "row":
            message, messages = N_("Row {row}"), N_("Rows {first}–{last}")
        if first != last:
            return _(messages, first=first, last=last)
        subject = _(message, row=first)
        if self.images.labels is None:
            return subject
        return _("{row}, {label}", row=subject, label=phrases.a(self.name(first)))

    def average(self, rows=()) -> str:
        """Return whose numbers are shown, amid a sentence: "average over pictures 0–15" or "picture 3, a 7"."""
        subject = self.subject(rows)
        if language() == ENGLISH:
            subject = f"{subject[0].lower()}{subject[1:]}"
        return _("average over {rows}", rows=subject) if len(rows) > 1 else subject

    def name(self, row: int) -> str:
        """Return a picture in words: "7" or "patch 12"."""
        if self.companions and row == 0:
            return _("your picture")
        if self.is_of_class:
            return _("drawing {number} of the class", number=row + 1)
        if self.images.labels is None:
            if self.data.endswith(("patches", sets.PATCH)):
                return _("patch {row}", row=row)
            return of_noun(self.noun, "{noun} {row}", row=row)
        label = int(self.images.labels[row])
        return self.images.classes[label] if self.images.classes else str(label)


def noun_of(shape: Shape) -> str:
    """Return what a row that is drawn as `shape` is called: "row" or "picture"."""
    return "row" if isinstance(shape, Lines) else "picture"


def current() -> View | None:
    """Return the view as the sidebar last left it; None on a page that has another sidebar (`keep`)."""
    return session.view


def keep() -> None:
    """Keep the values of the bench, for a page that does not draw it, until the reader is back on one that does."""
    for key in url.BENCH:
        if key in st.session_state or key in st.query_params:
            st.session_state[key] = url.value(key)
    session.view = None


def sidebar(without_steps: bool) -> View:
    """Draw the bench and return the view that it shows; app.py calls it before the page, so that its values outlive a change
    of page. without_steps: T is not shown, because nothing on the page uses it."""
    with st.sidebar:
        # λ and T, and the pictures, stand above data and dictionary. While a file is asked for, data stand above the
        # pictures, so that what is wrong with the file is seen without scrolling.
        moves = st.container(key="moves-lam" if without_steps else "moves")
        asks_for_file = url.value("data") == sets.YOURS and session.own_data is None
        name = _choose_data() if asks_for_file else ""
        pictures = st.container(key="pictures")
        if not asks_for_file:
            moves.empty(), pictures.empty()  # so that both have their room before they are drawn
            name = _choose_data()
        name = sets.resolve(name)
        images = sets.images(name)
        _choose_dictionary(name, images)
        with pictures:
            picture, rows, user_picture = _choose_picture(images)
        with moves:
            lam, steps = sliders.lam_and_steps(without_steps)
    view = with_drawings(
        View(name, images, picture, rows, lam, steps, st.context.theme.type == "dark")
    )
    session.private = view.is_of_class or sets.private(name)
    if session.own_chosen and user_picture is not None:  # before those of the strip
        companions = view.strip[: STRIP - 1]
        images = view.images[list(companions)]
        pixels = torch.cat([torch.from_numpy(user_picture)[None], images.pixels])
        images = replace(images, pixels=pixels, labels=None, codes=None)
        strip = tuple(range(len(pixels)))
        view = replace(view, images=images, picture=0, strip=strip, companions=companions)
    session.view = view
    return view


def with_drawings(view: View) -> View:
    """Return the view with what the reader's class has drawn in the place of the strip's pictures, where the lecturer has
    taken some."""
    drawings = own.strip.pixels(view.images)
    if drawings is None:
        return view
    images = replace(view.images, pixels=torch.from_numpy(drawings), labels=None, codes=None)
    place = min(view.strip.index(view.picture), len(images) - 1)
    rows = tuple(range(len(images)))
    return replace(view, images=images, picture=place, strip=rows, is_of_class=True)


def _choose_data() -> str:
    """Draw the menu of data sets, and the widgets of the reader's own; return the name that is chosen."""
    descriptions = {}
    for name in sets.names():
        if name in sets.ABOUT:
            text = _(sets.ABOUT[name])
            is_wide = sets.overcomplete(name)
            descriptions[name] = _("{data}, overcomplete", data=text) if is_wide else text
    about = _(
        "The test split is shown. {descriptions}. A dictionary is overcomplete where it has more atoms than a row has "
        "numbers.",
        descriptions="; ".join(f"**{name}**: {text}" for name, text in descriptions.items()),
    )
    name = url.widget("data", on_change=_other_data, help=about)
    if name == sets.YOURS:
        own.data.controls()
    for problem in data.of_folder()[1]:
        st.caption(f":material/warning: {plain(problem)}")
    return name


def _choose_dictionary(name: str, images: data.Images) -> None:
    """Draw the menu of dictionaries, and the widgets of the one that is chosen."""
    key = url.widget("dictionary")
    if key == sets.LEARNED:
        atoms, lam = st.columns(2)
        with atoms:
            url.widget("learn")
        with lam:
            url.widget("learn_at")
    elif key == sets.FROM_FILE:
        own.dictionary.controls(images.pixels.shape[1])
    session.in_use = (sets.resolve(name), sets.chosen(name))


def _choose_picture(images: data.Images) -> tuple[int, tuple[int, ...], np.ndarray | None]:
    """Draw a strip of thumbnails to click, and the number that stands for it in the URL; return the number, the rows of the
    strip, and the reader's own picture, if there is one."""
    noun = noun_of(sets.row_shape(images))
    place = st.container(key="strip")
    place.empty()  # so that it has its room, too
    drawings = own.strip.pixels(images)
    with st.container(
        horizontal=True,
        vertical_alignment="bottom",
        key="picture-number" if drawings is None else "picture-hidden",
    ):
        help = of_noun(
            noun, "The {noun}'s number in the test split, 0 to {last}.", last=len(images) - 1
        )
        picture = url.widget(
            "picture",
            width=104,
            on_change=setattr,
            args=(session, "own_chosen", False),
            help=help,
        )
        st.button(
            _("Random"),
            icon=":material/casino:",
            on_click=lambda: pick(random.randrange(len(images))),
            help=of_noun(noun, "Another {noun}, and its neighbours."),
        )
    if own.pictures.takes_pictures(images):
        with st.container(horizontal=True, key="own"):
            own.pictures.controls(images, go_to)
            if drawings is not None:
                st.button(
                    _("Back to {data}", data=plain(images.name)),
                    icon=":material/undo:",
                    on_click=own.strip.put_back,
                    help=_("Show the pictures of the data set again."),
                    width="stretch",
                )
    user_picture = own.pictures.pixels(images)
    rows = strip(picture, images)
    label, strip_images = _("Row") if noun == "row" else _("Picture"), images[list(rows)]
    pixels, names = strip_images.pixels.numpy(), [_("picture {row}", row=row) for row in rows]
    if drawings is not None:
        label, pixels = _("Drawn by the class"), drawings
        names = [_("drawing {number} of the class", number=k + 1) for k in range(len(drawings))]
    elif strip_images.labels is not None:
        labels = zip(rows, strip_images.labels.tolist(), strict=True)
        names = [_("picture {row} a {label}", row=row, label=label) for row, label in labels]
    uris = _draw_thumbnails(pixels, sets.row_shape(images), private=drawings is not None)
    named = zip(rows, names, uris, strict=False)  # a class may have drawn more or fewer
    thumbnails = {row: f"![{name}]({uri})" for row, name, uri in named}
    current = min(picture, max(thumbnails))
    if user_picture is not None:
        # It replaces one picture of a full strip, so that what is below the strip does not move under a pen.
        others = [row for row in thumbnails if row != current]
        replaced = others[-1] if len(thumbnails) == STRIP else None
        uri = mosaics.thumbnails(user_picture[None], images.shape)[0]
        thumbnails = {own.pictures.ROW: f"![{_('your picture')}]({uri})"} | {
            row: uri for row, uri in thumbnails.items() if row != replaced
        }
        if session.own_chosen:
            current = own.pictures.ROW
    st.session_state["_strip"] = current
    place.pills(
        label,
        list(thumbnails),
        format_func=thumbnails.__getitem__,
        required=True,
        key="_strip",
        on_change=lambda: pick(st.session_state["_strip"]),
        help=of_noun(
            noun, "Click the {noun} to work with. Where a page shows a grid, it shows these."
        ),
        width="stretch",
    )
    return picture, rows, user_picture


def strip(picture: int, images: data.Images) -> tuple[int, ...]:
    """Return the rows of the thumbnails among which a picture stands."""
    first = picture // STRIP * STRIP
    return tuple(range(first, min(first + STRIP, len(images))))


def pick(row: int) -> None:
    """Choose a picture, in a callback: a row of the test split, or the reader's own."""
    session.own_chosen = row == own.pictures.ROW
    if row != own.pictures.ROW:
        st.session_state["picture"] = row


def go_to(name: str) -> None:
    """Choose another data set."""
    st.session_state["data"] = name
    _other_data()


def _other_data() -> None:
    """Begin, in a callback, with the first picture and the first dictionary of another data set."""
    st.session_state["picture"] = 0
    st.session_state.pop("dictionary", None)
