"""The reader's own picture: uploaded, or drawn on the canvas of a page (pen.py), kept in the session and fitted to whichever
data is chosen."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from operator import attrgetter

import numpy as np
import streamlit as st
from cachetools import LRUCache, cachedmethod
from streamlit.runtime.uploaded_file_manager import UploadedFile

from sc2viz.data import Images
from sc2viz.draw import mosaics
from sc2viz.files import pictures as picture_files
from sc2viz.ui import errors, session
from sc2viz.ui.own import memory
from sc2viz.ui.untrusted import plain
from sc2viz.ui.widgets import popover
from sc2viz.words import _, language, localized

FILE = "my-picture.png"  # the name under which the reader's fitted picture is taken away
ROW = -1  # the row that stands for the reader's own picture among the thumbnails
PHOTOGRAPHS = {
    True: "patches",
    False: "grey-patches",
}  # the data sets that photographs suit, with colours and without
ZOOMS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_WIDE = 360  # px of the popover
_SIDE, _KEPT = 168, 112  # px of a whole upload in its preview, and of the part that is kept
_ENDINGS = ["png", "jpg", "jpeg", "webp", "gif"]
_LIMIT = picture_files.MAX_BYTES >> 20
_FITS = 64  # forms of a picture, one for each data set, crop and language, that are kept
_GROUND = (
    0.4  # digits are black on a larger share of their pixels, photographs on a far smaller one
)


@dataclass(eq=False)
class _Own:
    """What came from the reader, and what it became for each data set that was asked for."""

    source: (
        bytes | np.ndarray
    )  # the bytes of a file, or a drawing (h, w) uint8 as the browser has coded it
    invert: bool | None = None
    crop: picture_files.Crop = picture_files.MIDDLE
    name: str = ""  # of the file
    fits: LRUCache = field(default_factory=lambda: LRUCache(_FITS))

    @cachedmethod(
        attrgetter("fits"),
        lambda self, images: (images.name, images.shape, self.invert, self.crop, language()),
    )
    def fit(self, images: Images) -> tuple[np.ndarray, list[str]] | None:
        """The picture as one of `images`, (d_x,), and what was done to it; None for a drawing where pictures have
        colours. A drawing stays as it is where pictures have its shape."""
        shape = images.shape
        if isinstance(self.source, bytes):
            invert = self.invert if self.invert is not None or _on_black(images) else False
            return picture_files.from_upload(self.source, shape, invert, self.crop)
        if shape == (*self.source.shape, 1):
            return self.source.astype(np.float32).ravel() / np.float32(255), []
        pixels = picture_files.from_drawing(self.source, shape) if shape[2] == 1 else None
        return None if pixels is None else (pixels, [])

    @cached_property
    def look(self) -> picture_files.Look:
        return picture_files.look(self.source)

    @cached_property
    def thumbnail(self) -> np.ndarray:
        """The whole picture, small and not cropped."""
        return picture_files.thumbnail(self.source, _SIDE)

    def framed(self, shape: tuple[int, int, int]) -> np.ndarray:
        """The whole picture, pale outside the crop."""
        high, wide = self.thumbnail.shape[:2]
        left, top, right, bottom = map(round, self.crop.box((wide, high), shape))
        framed = (0.35 * self.thumbnail + 0.65 * 128).astype(np.uint8)
        kept = slice(top, max(bottom, top + 1)), slice(left, max(right, left + 1))
        framed[kept] = self.thumbnail[kept]
        return framed


def take_coded(pixels: bytes | None, shape: tuple[int, int]) -> None:
    """Put a picture at hand that the browser has coded, h · w bytes; None where the reader has cleared it. ValueError for
    another number of bytes."""
    if pixels is None:
        session.OWN_CHOSEN.set(False)
        return
    if len(pixels) != shape[0] * shape[1]:
        raise ValueError(
            f"a drawing must have {shape[0]} × {shape[1]} bytes, got {len(pixels)}: draw it again"
        )
    session.OWN_PICTURE.set(_Own(np.frombuffer(pixels, np.uint8).reshape(shape)))
    session.OWN_CHOSEN.set(True)


def is_coded() -> bool:
    """Whether the picture at hand is one that the browser has coded."""
    own = session.OWN_PICTURE.get()
    return session.OWN_CHOSEN.get() and own is not None and isinstance(own.source, np.ndarray)


def _on_black(images: Images) -> bool:
    """Whether the pictures of a data set are grey and bright on a plain black ground, as digits are."""
    if images.shape[2] != 1:
        return False
    return float((images.pixels[:200] < 0.05).float().mean()) > _GROUND


def better(look: picture_files.Look, images: Images) -> str:
    """The name of the data set that a picture suits better than `images`; "" where it suits these."""
    if images.shape[2] == 3:
        return ""
    unsuited = look.coloured or (not look.plain and not look.inky and _on_black(images))
    return PHOTOGRAPHS[look.coloured] if unsuited else ""


def controls(images: Images, go: Callable[[str], None]) -> None:
    """A button that opens an upload, in a popover that style.css keeps within the window, however low the button stands.
    `go` leads to another data set."""
    about = _("A picture of your own, from a file.")
    if place := popover(
        _("Upload"), "own-upload", icon=":material/upload:", help=about, width="stretch"
    ):
        with place.container(width=_WIDE, key="own-panel-upload"):
            _upload(images, go)


def pixels(images: Images) -> np.ndarray | None:
    """The reader's picture as one of a data set, (d_x,) float32; None where there is none."""
    own = session.OWN_PICTURE.get()
    fit = own and own.fit(images)
    return fit[0] if fit else None


def python(snippet: str, shape, companions: tuple[int, ...]) -> str:
    """A page's lines of Python, which load pictures of the test split, with the reader's in their place.

    Where they load several, the reader's comes first and the rows `companions` of the test split after it.
    """

    def instead(line: re.Match) -> str:
        lines = [
            "import torch  # the file is saved where the picture was chosen",
            "from sc2viz.files import pictures",
            f'mine, _ = pictures.from_upload(open("{FILE}", "rb").read(), {tuple(shape)}, invert=False)',
            "x = torch.from_numpy(mine)[None]",
        ]
        if line["last"] and int(line["last"]) - int(line["first"]) > 1:
            lines.append(
                f"x = torch.cat([x, {line['load']}[{companions[0]}:{companions[-1] + 1}]])"
            )
        return "\n".join(lines)

    pattern = (
        r"^x = (?P<load>data\.load\(.*\)\.pixels)\[\[?(?P<first>\d+)\]?(?: ?: ?(?P<last>\d+))?\]$"
    )
    return re.sub(pattern, instead, snippet, flags=re.M)


def _upload(images: Images, go: Callable[[str], None]) -> None:
    about = _(
        "It may have {most} megapixels, as a JPEG {jpeg}. It stays in the server's memory while this page is open; "
        "nothing is stored.",
        most=picture_files.MAX_PIXELS // 10**6,
        jpeg=picture_files.MAX_JPEG_PIXELS // 10**6,
    )
    memory.uploader(
        "_upload",
        _("PNG, JPEG, WebP or GIF, up to {most} MB", most=_LIMIT),
        _ENDINGS,
        partial(_take, images),
        session.PICTURE_PROBLEM,
        _LIMIT,
        about,
    )
    own = session.OWN_PICTURE.get()
    uploaded = own is not None and isinstance(own.source, bytes)
    if problem := session.PICTURE_PROBLEM.get():
        kept = _("The picture below is still {name}.", name=own.name) if uploaded else ""
        st.warning(plain(f"{problem} {kept}".strip()), icon=":material/broken_image:")
    if uploaded:
        _advise(own, images, go)
        _cropped(own, images)


def _take(images: Images, file: UploadedFile) -> None:
    """Put a picture from a file at hand."""
    own = _Own(file.getvalue(), name=file.name)
    own.fit(images)
    memory.check(session.OWN_PICTURE, own, file.name)
    session.OWN_PICTURE.set(own)
    for key in _CROP:
        st.session_state.pop(key, None)
    session.OWN_CHOSEN.set(True)


def _advise(own: _Own, images: Images, go: Callable[[str], None]) -> None:
    """Offer to invert dark strokes on paper, and name the data set that the reader's picture suits, where it does not suit
    `images`."""
    look, name = own.look, better(own.look, images)
    # Dark strokes on paper reach its border, among digits that are bright on black: nothing plain says so, and it is not
    # inverted by itself.
    ink = (
        look.inky and not (look.plain or look.coloured) and _on_black(images) and own.invert is None
    )
    if not (ink or name):
        return
    kind = (
        _("dark strokes on paper")
        if ink
        else _("a colour photograph")
        if look.coloured
        else _("a grey photograph")
    )
    given = {"kind": kind, "data": plain(images.name)}
    said = [
        _(
            "This looks like {kind}, and the pictures of {data} are bright strokes on black.",
            **given,
        )
        if _on_black(images)
        else _("This looks like {kind}, and the pictures of {data} are grey.", **given),
        _("Invert it.") if ink else _("It suits **{data}**.", data=name),
    ]
    name = name or PHOTOGRAPHS[False]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="own-advice"):
        st.caption(f":material/info: {' '.join(said)}", width="stretch")
        if ink:
            st.button(
                _("Invert it"),
                icon=":material/invert_colors:",
                type="primary",
                key="_invert_first",
                on_click=lambda: setattr(own, "invert", True),
            )
        st.button(
            _("Go to {data}", data=name),
            on_click=go,
            args=(name,),
            key="_go_to_photographs",
            help=_("For a photograph.") if ink else None,
        )


# The crop -------------------------------------------------------------------------------------------------------------

_CROP = ("_crop_zoom", "_crop_across", "_crop_down")


def _cropped(own: _Own, images: Images) -> None:
    """The whole picture with the part that is kept, the part as the data set would have it, and sliders that move it."""
    shape = images.shape
    state = st.session_state
    for key, value in zip(
        _CROP, (own.crop.zoom, 100 * own.crop.across, 100 * own.crop.down), strict=True
    ):
        state.setdefault(key, value if key == _CROP[0] else round(value))
    fitted, notes = own.fit(images)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="own-picture"):
        st.image(own.framed(shape), width=own.thumbnail.shape[1])
        st.image(mosaics.mosaic(fitted[None], shape, side=_KEPT), width=_KEPT)
    st.caption(" ".join([_("The part that is kept, and what the solvers see."), *notes]))
    left, top, right, bottom = own.crop.box((own.thumbnail.shape[1], own.thumbnail.shape[0]), shape)
    room = own.thumbnail.shape[1] - (right - left), own.thumbnail.shape[0] - (bottom - top)
    st.select_slider(
        _("Zoom"),
        ZOOMS,
        format_func=lambda zoom: localized(f"{zoom:g} ×"),
        key=_CROP[0],
        on_change=_move,
        args=(own,),
    )
    with st.container(horizontal=True, gap="medium"):
        for key, label, free in zip(
            _CROP[1:], (_("Left to right"), _("Top to bottom")), room, strict=True
        ):
            st.slider(
                label,
                0,
                100,
                format="%d %%",
                key=key,
                on_change=_move,
                args=(own,),
                disabled=free < 1,
            )
    inverted = own.invert if own.invert is not None else _(picture_files.INVERTED) in notes
    with st.container(horizontal=True, gap="small"):
        st.button(
            _("Invert"),
            icon=":material/invert_colors:",
            on_click=lambda: setattr(own, "invert", not inverted),
            help=_("Exchange dark and bright."),
        )
        save(fitted, shape, "upload")


def _move(own: _Own) -> None:
    zoom, across, down = (st.session_state[key] for key in _CROP)
    own.crop = picture_files.Crop(zoom, across / 100, down / 100)


def save(fitted: np.ndarray, shape: tuple[int, int, int], place: str) -> None:
    """Draw a button that saves the reader's picture as the solvers see it. place: where it stands."""
    small = (fitted.reshape(shape) * 255).round().astype(np.uint8)
    label = _("Save it as PNG")
    st.download_button(
        label,
        errors.shown(lambda: mosaics.png(small[..., 0] if shape[2] == 1 else small), label),
        FILE,
        "image/png",
        icon=":material/image:",
        on_click="ignore",
        key=f"get-own-{place}",
        help=_("The fitted picture, which the Python to take away reads."),
    )
