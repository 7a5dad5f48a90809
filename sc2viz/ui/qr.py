"""A QR code of the view at hand, with which the phones of a class open what a projector shows."""

import socket
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
import streamlit as st

from sc2viz.ui import present, url
from sc2viz.words import _

HERE = "localhost", "127.0.0.1", "::1"  # names of a machine that nobody else can use
PRIVATE = "class"  # of the URL: the room that a lecturer leads, which is shared with nobody


def view_address() -> str:
    """The address of the view at hand, as the reader's browser has it, with names of no language; without the switch for a
    projector, and without the room that a lecturer leads."""
    names = url.names()
    query = {
        name: [names.get(name, {}).get(text, text) for text in st.query_params.get_all(name)]
        for name in st.query_params
        if name not in (present.KEY, PRIVATE)
    }
    return urlunsplit((*urlsplit(st.context.url or "")[:3], urlencode(query, doseq=True), ""))


def for_phones(address: str, bound: str | None, own: str | None) -> tuple[str, str]:
    """The address that other machines may open, and what a teacher must know of it, "" for nothing.

    address: as this browser has it. bound: the address on which alone the server listens, if any. own: this machine's
    address in its network, if it has one.
    """
    parts = urlsplit(address)
    if parts.hostname not in HERE:
        return address, ""
    if bound in HERE:
        return address, _(
            "Phones cannot open {host}. Start the app with `--server.address 0.0.0.0` for a class.",
            host=parts.hostname,
        )
    if own is None:
        return address, _(
            "Phones cannot open {host}, and this machine is in no network.", host=parts.hostname
        )
    host = f"{own}:{parts.port}" if parts.port else own
    said = _(
        "Phones cannot open {host}. This code leads to {other}, for phones in the same network.",
        host=parts.hostname,
        other=host,
    )
    return urlunsplit((parts.scheme, host, *parts[2:])), said


def own_address() -> str | None:
    """This machine's address in its network; None where it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(
                ("192.0.2.1", 9)
            )  # an address that is kept for examples: it chooses the way out, and no more
        except OSError:
            return None
        return asked.getsockname()[0]


def show() -> None:
    """Draw the code of the view at hand, in a dialog."""
    address, said = for_phones(view_address(), st.get_option("server.address"), own_address())
    image = segno.make(address, error="l").svg_data_uri(border=4, light="#fff", dark="#000")
    alt = _("QR code of the address below")
    st.html(
        f'<img src="{image}" alt="{alt}" style="width:min(100%, 42dvh); image-rendering:pixelated">'
    )
    st.code(address, language=None, wrap_lines=True)
    if said:
        st.markdown(said)
