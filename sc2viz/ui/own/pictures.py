"""The reader's own picture: uploaded or drawn in the sidebar, kept in the session, fitted to whichever data is chosen."""

import hashlib
import re
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from sc2viz import uploads
from sc2viz.figures import pictures

FILE = "my-picture.png"  # what the fitted picture is called when taken away
ROW = -1  # of its thumbnail
_CANVAS, _WIDE = 224, 360  # px
_ENDINGS = ["png", "jpg", "jpeg", "webp", "gif"]
_LIMIT = uploads.MAX_BYTES >> 20


@dataclass(eq=False)
class _Own:
    """What came from the reader, and what it became for each shape that was asked for."""

    source: bytes | np.ndarray  # a file, or a drawing
    invert: bool | None = None
    fits: dict = field(default_factory=dict)

    def fit(self, shape) -> tuple[np.ndarray, list[str]] | None:
        """Pixels (d_x,) and what was done; None for a drawing where pictures have colours."""
        if (shape, self.invert) not in self.fits:
            if isinstance(self.source, bytes):
                fit = uploads.from_upload(self.source, shape, self.invert)
            else:
                pixels = uploads.from_drawing(self.source, shape) if shape[2] == 1 else None
                fit = None if pixels is None else (pixels, ["Centred and scaled as the digits of this data set."])
            self.fits[shape, self.invert] = fit
        return self.fits[shape, self.invert]


def controls(shape: tuple[int, int, int]) -> None:
    """Two buttons that open a canvas, where pictures are grey, and an upload."""
    if shape[2] == 1:
        with _popover("Draw", ":material/draw:", "A digit by your own hand."):
            _draw(shape)
    with _popover("Upload", ":material/upload:", "A picture of your own, from a file."):
        _upload(shape)


def _popover(label: str, icon: str, about: str):
    return st.popover(label, icon=icon, help=about, width="stretch").container(width=_WIDE)


def pixels(shape) -> np.ndarray | None:
    """The reader's picture for data of this shape, (d_x,) float32; None where there is none."""
    own = st.session_state.get("_own")
    fit = own and own.fit(shape)
    return fit[0] if fit else None


def chosen() -> bool:
    """Whether the reader's own picture is the one at hand, where there is one."""
    return st.session_state.get("_own_chosen", False)


def choose(yes: bool) -> None:
    """Put the reader's own picture at hand, or a picture of the test split."""
    st.session_state["_own_chosen"] = yes


def python(snippet: str, shape, companions: tuple[int, ...]) -> str:
    """A page's lines of Python, which load pictures of the test split, with the reader's in their place.

    Where they load several, the reader's comes first and the rows `companions` of the test split after it.
    """

    def instead(line: re.Match) -> str:
        lines = [
            "import torch  # the file is saved where the picture was chosen",
            "from sc2viz import uploads",
            f'mine, _ = uploads.from_upload(open("{FILE}", "rb").read(), {tuple(shape)}, invert=False)',
            "x = torch.from_numpy(mine)[None]",
        ]
        if line["last"] and int(line["last"]) - int(line["first"]) > 1:
            lines.append(f"x = torch.cat([x, {line['load']}[{companions[0]}:{companions[-1] + 1}]])")
        return "\n".join(lines)

    pattern = r"^x = (?P<load>data\.load\(.*\)\.pixels)\[\[?(?P<first>\d+)\]?(?: ?: ?(?P<last>\d+))?\]$"
    return re.sub(pattern, instead, snippet, flags=re.M)


def _draw(shape) -> None:
    from streamlit_drawable_canvas import st_canvas  # registers a component, which only a running app can

    st.markdown("Draw one digit, in one or more strokes.")
    st.space("small")  # the toolbar floats above the canvas
    drawn = st_canvas(
        stroke_width=18,
        stroke_color="#fff",
        background_color="#000",
        height=_CANVAS,
        width=_CANVAS,
        return_image_data=True,
        key="_canvas",
    ).image_data
    if drawn is not None:
        drawn = np.ascontiguousarray(drawn, np.uint8)
        mark = hashlib.md5(drawn.tobytes(), usedforsecurity=False).digest()
        if mark != st.session_state.get("_drawn") and uploads.from_drawing(drawn, shape) is not None:
            st.session_state["_drawn"] = mark
            st.session_state["_own"] = _Own(drawn)
            choose(True)
    _preview(shape, np.ndarray)


def _upload(shape) -> None:
    st.file_uploader(
        f"PNG, JPEG, WebP or GIF, up to {_LIMIT} MB and {uploads.MAX_PIXELS // 10**6} megapixels, "
        f"{uploads.MAX_JPEG_PIXELS // 10**6} for JPEG",
        _ENDINGS,
        key="_upload",
        on_change=_take,
        args=(shape,),
        max_upload_size=_LIMIT,
        help="Stays on this server's memory while this page is open; nothing is stored.",
    )
    if problem := st.session_state.get("_own_problem"):
        st.warning(problem, icon=":material/broken_image:")
    _preview(shape, bytes)


def _take(shape) -> None:
    """Read the file that was just uploaded; what is wrong with it is said beside the button."""
    st.session_state["_own_problem"] = None
    file = st.session_state["_upload"]
    if file is None:
        return
    try:
        own = _Own(file.getvalue())
        own.fit(shape)
    except ValueError as error:
        st.session_state["_own_problem"] = f"{file.name}: {error}."
        return
    st.session_state["_own"] = own
    choose(True)


def _preview(shape, kind: type) -> None:
    """The picture as the data set would have it, and what was done to it."""
    own = st.session_state.get("_own")
    if own is None or not isinstance(own.source, kind) or not own.fit(shape):
        return
    fitted, notes = own.fit(shape)
    picture = pictures.mosaic(fitted[None], shape, side=_CANVAS // 2)
    with st.container(horizontal=True, vertical_alignment="center", key=f"own-{kind.__name__}"):
        st.image(picture, width=_CANVAS // 2)
        st.caption(f"What the solvers see. {' '.join(notes)}", width=_WIDE - _CANVAS // 2 - 30)
    if kind is bytes and shape[2] == 1:
        inverted = own.invert if own.invert is not None else any(note.startswith("Inverted") for note in notes)
        st.button("Invert", icon=":material/invert_colors:", on_click=lambda: setattr(own, "invert", not inverted))
    small = (fitted.reshape(shape) * 255).round().astype(np.uint8)
    st.download_button(
        "Save it as PNG",
        lambda: pictures.png(small[..., 0] if shape[2] == 1 else small),
        FILE,
        "image/png",
        icon=":material/image:",
        on_click="ignore",
        key=f"get-own-{kind.__name__}",
        help="The fitted picture, which the Python to take away reads.",
    )
