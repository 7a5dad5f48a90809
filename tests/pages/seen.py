"""What a reader sees of a page without a browser."""

import base64
import gzip
import json
import re
from html import unescape

import pyarrow


def html(app) -> str:
    """The HTML of the page, and that of its board as it is before a slider moves."""
    drawn = [element.proto.body for element in app.get("html")]
    for element in app.get("bidi_component"):
        data = told(element)
        if isinstance(data, dict) and "html" in data:
            drawn.append(re.sub(' data-(said|moves|reads)="[^"]*"', "", data["html"]))
    return " ".join(drawn)


def told(element):
    """What a component was given; a scrubber's cards stand in it as `groups`."""
    data = json.loads(element.proto.json or element.proto.mixed.json or "null")
    data = (
        json.loads(gzip.decompress(base64.b64decode(data["packed"])))
        if data and "packed" in data
        else data
    )
    if isinstance(data, dict) and "panels" in data:
        cards = re.findall(
            '<article aria-label="(.*?)".*?--solver:(.*?)">(.*?)</article>', data["html"]
        )
        data["groups"] = [
            _group(data["panels"], *map(unescape, card[:2]), card[2]) for card in cards
        ]
    return data


def arrays(element) -> dict[str, str]:
    """The arrays that travel beside, by name, as texts."""
    tables = (
        pyarrow.ipc.open_stream(each.data).read_all()
        for each in element.proto.mixed.arrow_blobs.values()
    )
    rows = [row for each in tables for row in each.to_pylist()]
    return {
        row["name"]: f"{row['head']}:{base64.b64encode(row['packed']).decode()}" for row in rows
    }


def _group(panels: list, title: str, colour: str, card: str) -> dict:
    """What a card of a scrubber has, in the order of its panels, and its numbers by name."""
    places = sorted(map(int, re.findall(r'data-panel="(\d+)"', card)))
    rows = re.findall('<dt>(.*?)</dt><dd data-said="([^"]*)"[^>]*>', card)
    said = [[unescape(name), json.loads(unescape(words))] for name, words in rows]
    return {
        "title": title,
        "colour": colour,
        "panels": [panels[k] for k in places],
        "readings": said,
    }


def live(page: str) -> dict:
    """What the page of `live()` was given."""
    return json.loads(gzip.decompress(base64.b64decode(re.search(r'"packed": "(.*?)"', page)[1])))
