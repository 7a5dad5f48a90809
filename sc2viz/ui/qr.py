"""A QR code of the current view, with which the phones of a class open what a projector shows."""

import socket
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
import streamlit as st

from sc2viz.ui import domains, present, url
from sc2viz.words import _

LOOPBACK = "localhost", "127.0.0.1", "::1"  # names of a machine that nobody else can use


def view_address() -> str:
    """Return the address of the current view, as the reader's browser has it, with names of no language; without the switch
    for a projector, and without what is no row of the URL, such as the room that a lecturer leads."""
    query = {
        key: [
            domains.written(url.domain(key).mend(text) or text)
            for text in st.query_params.get_all(key)
        ]
        for key in st.query_params
        if key in url.TABLE and key != present.KEY
    }
    return urlunsplit((*urlsplit(st.context.url or "")[:3], urlencode(query, doseq=True), ""))


def for_phones(address: str) -> tuple[str, str]:
    """Return the address that other machines may open, and a sentence that a teacher must know of it, "" for none. address:
    as this browser has it."""
    url_parts = urlsplit(address)
    host = url_parts.hostname
    if host not in LOOPBACK:
        return address, ""
    if st.get_option("server.address") in LOOPBACK:
        return address, _(
            "Phones cannot open {host}. Start the app with `--server.address 0.0.0.0` for a class.",
            host=host,
        )
    network_address = own_address()
    if network_address is None:
        return address, _(
            "Phones cannot open {host}, and this machine is in no network.", host=host
        )
    phone_host = f"{network_address}:{url_parts.port}" if url_parts.port else network_address
    sentence = _(
        "Phones cannot open {host}. This code leads to {phone_host}, for phones in the same network.",
        host=host,
        phone_host=phone_host,
    )
    return urlunsplit((url_parts.scheme, phone_host, *url_parts[2:])), sentence


def own_address() -> str | None:
    """Return this machine's address in its network; None where it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # kept for examples: it chooses the way out, no more
        except OSError:
            return None
        return probe.getsockname()[0]


def image(address: str, border: int = 4) -> str:
    """Return the QR code of an address as a data URI."""
    return segno.make(address, error="l").svg_data_uri(border=border, light="#fff", dark="#000")


def show() -> None:
    """Draw the QR code of the current view and its address, as the content of a dialog."""
    address, sentence = for_phones(view_address())
    alt = _("QR code of the address below")
    st.html(
        f'<img src="{image(address)}" alt="{alt}" style="width:min(100%, 42dvh); image-rendering:pixelated">'
    )
    st.code(address, language=None, wrap_lines=True)
    if sentence:
        st.markdown(sentence)
