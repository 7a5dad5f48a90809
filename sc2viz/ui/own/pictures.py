"""The reader's own picture: uploaded, or drawn on the canvas of a page (pen.py), kept in the session and fitted to whichever
data is chosen."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from sc2viz.data import Images
from sc2viz.draw import mosaics
from sc2viz.files import pictures as files
from sc2viz.ui import errors, session
from sc2viz.ui.own import memory, patch
from sc2viz.ui.untrusted import plain
from sc2viz.ui.widgets import popover
from sc2viz.words import _, language, localized

FILE = "my-picture.png"  # the name under which the reader's fitted picture is taken away
ROW = -1  # the row that stands for the reader's own picture among the thumbnails
# The data sets that photographs suit, with colours and without
PHOTOGRAPHS = {True: "patches", False: "grey-patches"}
ZOOMS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
# px: the popover, a whole upload in its preview, and the part that is used
_WIDTH, _SIDE, _PREVIEW = 360, 168, 112
# Digits are black on a larger share of their pixels, photographs on a far smaller one.
_GROUND = 0.4
_CROP = ("_crop_zoom", "_crop_across", "_crop_down")


@dataclass(eq=False)
class OwnPicture:
    """What came from the reader, and what it became for each data set that was asked for.

    source: the bytes of a file, or a drawing (h, w) uint8 as the browser has coded it. name: of the file."""

    source: bytes | np.ndarray
    name: str = ""
    invert: bool | None = None
    crop: files.Crop = files.MIDDLE
    fits: dict[tuple, Any] = field(default_factory=dict)

    def change(self, **values: Any) -> None:
        """Set how it is cropped (`crop`), or whether dark and bright are exchanged (`invert`)."""
        vars(self).update(values)
        self.fits.clear()

    def fit(self, images: Images) -> tuple[np.ndarray, list[str]] | None:
        """Return the picture as one of `images`, (d_x,), and sentences on what was done to it; None for a drawing where
        pictures have colours."""
        key = images.name, images.shape, language()
        if key not in self.fits:
            if self.is_file:
                invert = False if self.invert is None and not _on_black(images) else self.invert
                fit = files.from_upload(self.source, images.shape, invert, self.crop)
            else:
                pixels = files.fit_drawing(self.source, images.shape)
                fit = None if pixels is None else (pixels, [])
            self.fits[key] = fit
        return self.fits[key]

    @property
    def is_file(self) -> bool:
        """Whether it came from a file, and not from the canvas."""
        return isinstance(self.source, bytes)

    @cached_property
    def look(self) -> files.Look:
        """Whether it has colours, a plain ground or ink, by which one tells which data it suits."""
        return files.look(self.source)

    @cached_property
    def thumbnail(self) -> np.ndarray:
        """The whole picture, small and not cropped, as an array of bytes."""
        return files.thumbnail(self.source, _SIDE)

    def crop_box(self, shape: tuple[int, int, int]) -> tuple[int, int, int, int]:
        """Return which part of the thumbnail is used: left, top, right and bottom, in pixels."""
        high, wide = self.thumbnail.shape[:2]
        return tuple(map(round, self.crop.box((wide, high), shape)))

    def framed(self, shape: tuple[int, int, int]) -> np.ndarray:
        """Return the thumbnail of the whole picture, pale outside the crop."""
        x, y, right, bottom = self.crop_box(shape)
        framed = (0.35 * self.thumbnail + 0.65 * 128).astype(np.uint8)
        crop = slice(y, max(bottom, y + 1)), slice(x, max(right, x + 1))
        framed[crop] = self.thumbnail[crop]
        return framed


def take_coded(pixels: bytes | None, shape: tuple[int, int]) -> None:
    """Put a picture at hand that the browser has coded, h · w bytes; None where the reader has cleared it. ValueError for
    another number of bytes."""
    if pixels is not None:
        session.own_picture = OwnPicture(np.frombuffer(pixels, np.uint8).reshape(shape))
    session.own_chosen = pixels is not None


def is_coded() -> bool:
    """Whether the picture at hand is one that the browser has coded."""
    picture = session.own_picture
    return session.own_chosen and picture is not None and not picture.is_file


def takes_pictures(images: Images) -> bool:
    """Whether a reader's own picture can stand among the pictures of a data set."""
    return bool(images.shape) and images.name != patch.NAME


def pixels(images: Images) -> np.ndarray | None:
    """Return the reader's picture as one of a data set, (d_x,) float32; None where there is none."""
    picture = session.own_picture
    fit = picture and takes_pictures(images) and picture.fit(images)
    return fit[0] if fit else None


def python(snippet: str, shape, companions: tuple[int, ...]) -> str:
    """Return a page's lines of Python, `snippet`, with lines that load the reader's picture in the place of those that load
    pictures of the test split.

    Where they load several, the reader's comes first and the rows `companions` of the test split after it.
    """

    def replace_line(line: re.Match) -> str:
        lines = [
            "import torch  # the file is saved where the picture was chosen",
            "from sc2viz.files import pictures",
            f'mine, _ = pictures.from_upload(open("{FILE}", "rb").read(), {tuple(shape)}, invert=False)',
            "x = torch.from_numpy(mine)[None]",
        ]
        if line["last"] and int(line["last"]) - int(line["first"]) > 1:
            rows = f"{companions[0]}:{companions[-1] + 1}"
            lines.append(f"x = torch.cat([x, {line['load']}[{rows}]])")
        return "\n".join(lines)

    pattern = (
        r"^x = (?P<load>data\.load\(.*\)\.pixels)\[\[?(?P<first>\d+)\]?(?: ?: ?(?P<last>\d+))?\]$"
    )
    return re.sub(pattern, replace_line, snippet, flags=re.M)


def draw_save_button(fitted: np.ndarray, shape: tuple[int, int, int], place: str) -> None:
    """Draw a button that saves the reader's picture as the solvers see it. place: where it stands."""
    levels = (fitted.reshape(shape) * 255).round().astype(np.uint8)
    errors.download(
        lambda: mosaics.png(levels[..., 0] if shape[2] == 1 else levels),
        _("Save it as PNG"),
        FILE,
        "image/png",
        icon=":material/image:",
        key=f"get-own-{place}",
        help=_("The fitted picture, which the Python to take away reads."),
    )


# The upload -----------------------------------------------------------------------------------------------------------


def controls(images: Images, go: Callable[[str], None]) -> None:
    """Draw a button that opens an upload, in a popover that style.css keeps within the window, however low the button stands.
    go: leads to another data set, by its name."""
    about = _("A picture of your own, from a file.")
    place = popover(
        _("Upload"), "own-upload", icon=":material/upload:", help=about, width="stretch"
    )
    if not place:
        return
    about = _(
        "It may have {limit} megapixels, as a JPEG {jpeg}. It stays in the server's memory while this page is open; "
        "nothing is stored.",
        limit=files.MAX_PIXELS // 10**6,
        jpeg=files.MAX_JPEG_PIXELS // 10**6,
    )
    limit = files.MAX_BYTES >> 20
    label, take = _("PNG, JPEG, WebP or GIF, up to {limit} MB", limit=limit), partial(_take, images)
    with place.container(width=_WIDTH, key="own-panel-upload"):
        memory.uploader("_upload", label, memory.PICTURES, take, limit, about)
        picture = session.own_picture
        if picture and picture.is_file:
            if "_upload" in session.problems:
                st.caption(_("The picture below is still {name}.", name=plain(picture.name)))
            _advise(picture, images, go)
            _draw_crop(picture, images)


def _take(images: Images, file: UploadedFile) -> None:
    """Make an uploaded file the reader's picture; ValueError where it cannot be read, or is too large."""
    picture = OwnPicture(file.getvalue(), file.name)
    picture.fit(images)
    memory.check("own_picture", picture, file.name)
    session.own_picture = picture
    for key in _CROP:
        st.session_state.pop(key, None)
    session.own_chosen = True


def _on_black(images: Images) -> bool:
    """Whether the pictures of a data set are grey and bright on a plain black ground, as digits are."""
    is_dark = images.pixels[:200] < 0.05
    return images.shape[2] == 1 and float(is_dark.float().mean()) > _GROUND


def _advise(picture: OwnPicture, images: Images, go: Callable[[str], None]) -> None:
    """Offer to invert dark strokes on paper, and name the data set that the reader's picture suits, where it does not suit
    `images`."""
    look, on_black = picture.look, _on_black(images)
    if images.shape[2] == 3 or not (look.coloured or on_black and not look.plain):
        return
    # Dark strokes on paper reach its border, among digits that are bright on black: nothing plain says so, and it is not
    # inverted by itself.
    is_ink = look.inky and not look.coloured
    if is_ink and picture.invert is not None:
        return
    name = PHOTOGRAPHS[look.coloured]
    kind = _("a colour photograph") if look.coloured else _("a grey photograph")
    advice = _("It suits **{data}**.", data=name)
    if is_ink:
        kind, advice = _("dark strokes on paper"), _("Invert it.")
    sentence = _(
        "This looks like {kind}, and the pictures of {data} do not.",
        kind=kind,
        data=plain(images.name),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/info: {sentence} {advice}")
        if is_ink:
            st.button(
                _("Invert it"),
                icon=":material/invert_colors:",
                type="primary",
                key="_invert_first",
                on_click=partial(picture.change, invert=True),
            )
        st.button(
            _("Go to {data}", data=name),
            on_click=go,
            args=(name,),
            key="_go_to_photographs",
            help=_("For a photograph.") if is_ink else None,
        )


def _draw_crop(picture: OwnPicture, images: Images) -> None:
    """Draw the whole picture with the part that is used, the part as the data set would have it, and sliders that move it."""
    shape, crop = images.shape, picture.crop
    positions = crop.zoom, round(100 * crop.across), round(100 * crop.down)
    for key, value in zip(_CROP, positions, strict=True):
        st.session_state.setdefault(key, value)
    fitted, notes = picture.fit(images)
    high, wide = picture.thumbnail.shape[:2]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(picture.framed(shape), width=wide)
        st.image(mosaics.mosaic(fitted[None], shape, side=_PREVIEW), width=_PREVIEW)
    st.caption(" ".join([_("The part that is kept, and what the solvers see."), *notes]))
    moves = {"on_change": _move, "args": (picture,)}
    st.select_slider(
        _("Zoom"),
        ZOOMS,
        format_func=lambda zoom: localized(f"{zoom:g} ×"),
        key=_CROP[0],
        **moves,
    )
    x, y, right, bottom = picture.crop_box(shape)
    with st.container(horizontal=True, gap="medium"):
        for key, label, is_fixed in (
            (_CROP[1], _("Left to right"), right - x >= wide),
            (_CROP[2], _("Top to bottom"), bottom - y >= high),
        ):
            st.slider(label, 0, 100, format="%d %%", key=key, disabled=is_fixed, **moves)
    is_inverted = picture.invert if picture.invert is not None else _(files.INVERTED) in notes
    with st.container(horizontal=True):
        st.button(
            _("Invert"),
            icon=":material/invert_colors:",
            on_click=partial(picture.change, invert=not is_inverted),
            help=_("Exchange dark and bright."),
        )
        draw_save_button(fitted, shape, "upload")


def _move(picture: OwnPicture) -> None:
    """Crop the picture, in a callback, as the sliders say."""
    zoom, across, down = (st.session_state[key] for key in _CROP)
    picture.change(crop=files.Crop(zoom, across / 100, down / 100))
