"""Photograph: sparse coding of a whole photograph, patch by patch. It is cleaned, filled in, or written with few codes."""

from pathlib import Path

import streamlit as st

from sc2viz.pages.photograph import approximate, denoise, inpaint, noisy_photo
from sc2viz.ui import own, page, url
from sc2viz.words import _

MODES = {
    "denoise": denoise.denoise_part,
    "inpaint": inpaint.inpaint_part,
    "approximate": approximate.approximate_part,
}


def photograph() -> None:
    st.html(Path(__file__).with_name("photograph.css"))
    tools = page.head(_("Photograph"), choices=True)
    with tools:
        what = url.widget("do")
    at_hand = noisy_photo.choose(what)
    if at_hand is None:
        page.caption(
            _(
                "Bring a photograph, clean or noisy. It stays in the server’s memory while this page is open."
            )
        )
        own.photograph.controls(noisy_photo.brought_anew)
    else:
        MODES[what](at_hand, tools)


photograph()
