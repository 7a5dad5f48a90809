"""What a reader sees of a page without a browser."""

import base64
import gzip
import json
import re
from html import unescape
from weakref import WeakKeyDictionary

import pyarrow
from browser.expected import lowest_of
from browser.unpacking import unpack
from streamlit.util import calc_hash

from sc2viz.browser import readings
from sc2viz.browser.wire_format import Parcel

_arrived: WeakKeyDictionary = (
    WeakKeyDictionary()
)  # the arrays of each app, which travel once a session


def html(app) -> str:
    """The HTML of the page, and that of its board as it is before a slider moves. What came in a run before is known where
    that was looked at."""
    bodies = [element.proto.body for element in app.get("html")]
    for element in app.get("bidi_component"):
        data = told(element)
        if isinstance(data, dict) and "html" in data:
            read = _with_numbers(data, known(app, element))
            bodies.append(re.sub(' data-(said|moves|reads)="[^"]*"', "", read))
    return " ".join(bodies)


def numbers(data: dict, texts: dict[str, str], column: int, axis: str = "") -> dict[str, list]:
    """The numbers of a column of a board at the stops of an axis, by default its first, by their names."""
    label = data["columns"][column]["numbers"]
    label = label[axis or next(iter(label))]
    head, packed = texts[label["name"]].split(":")
    parcel = Parcel(label["name"], head, base64.b64decode(packed), tuple(label["size"]))
    return dict(zip(label["names"], unpack(parcel).tolist(), strict=True))


def known(app, element) -> dict[str, str]:
    known = _arrived.setdefault(app, {})
    known.update(arrays(element))
    return known


def board(app, key: str) -> dict:
    """What the board `key` of a page was given."""
    return next(told(element) for element in app.get("bidi_component") if key in element.proto.id)


def turn_to(app, path: str):
    """Turn to the page at an address: two addresses may have one script, by which alone `AppTest.switch_page` knows pages."""
    app._page_hash = calc_hash(path)
    return app.run()


def lowest(app) -> str:
    """The sentence of Compare's board where the sliders stand, by the oracle of measure.js."""
    element = next(e for e in app.get("bidi_component") if "compare-board" in e.proto.id)
    data, texts = told(element), known(app, element)
    position, sentence = data["at"], data["sentence"]
    distances = {
        column["by"]: _here(data, texts, k)
        for k, column in enumerate(data["columns"])
        if column.get("by") in sentence["ranked"]
    }
    stay = {
        name: numbers_of for name, numbers_of in distances.items() if not numbers_of["away"]
    } or distances
    setting = (
        f"At λ = {position['lam']:g}, after {position['T']} iteration{'s' * (position['T'] > 1)}"
    )
    if sentence["average"]:
        setting += f" and on {sentence['average']}"
    sentence_of_core = lowest_of(
        setting, {name: numbers_of["far"] for name, numbers_of in stay.items()}
    )
    return sentence_of_core.replace("\u00a0", " ")


def _here(data: dict, texts: dict[str, str], column: int) -> dict[str, float]:
    """The numbers of a column where the sliders stand."""
    message, place = data["columns"][column], data["at"]
    axis = next(iter(message["numbers"]))
    k = data["stops"][axis].index(place[axis]) if axis in data["stops"] else 0
    values = {name: each[k % len(each)] for name, each in numbers(data, texts, column).items()}
    return values | {"lam": message.get("lam", place.get("lam"))}


def _with_numbers(data: dict, texts: dict[str, str]) -> str:
    """The HTML of a board with its numbers as the browser writes them where the sliders stand."""

    def said(match: re.Match) -> str:
        column, reading = int(match[1]), match[2]
        labels = data["columns"][column].get("numbers", {}).values()
        unknown = not labels or any(label["name"] not in texts for label in labels)
        if reading == "shrunk" or unknown:
            return match[0]
        return f">{readings.format_reading(reading, _here(data, texts, column))}<"

    return re.sub(r' data-reads="(\d+) (\w+)"><', said, data["html"])


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
        pyarrow.ipc.open_stream(blob.data).read_all()
        for blob in element.proto.mixed.arrow_blobs.values()
    )
    rows = [row for blob in tables for row in blob.to_pylist()]
    return {
        row["name"]: f"{row['head']}:{base64.b64encode(row['packed']).decode()}" for row in rows
    }


def _group(panels: list, title: str, colour: str, card: str) -> dict:
    """What a card of a scrubber has, in the order of its panels, and its numbers by name."""
    places = sorted(map(int, re.findall(r'data-panel="(\d+)"', card)))
    rows = re.findall('<dt>(.*?)</dt><dd data-said="([^"]*)"[^>]*>', card)
    readings = [
        [unescape(name), json.loads(unescape(texts_by_reading))] for name, texts_by_reading in rows
    ]
    return {
        "title": title,
        "colour": colour,
        "panels": [panels[k] for k in places],
        "readings": readings,
    }


def live(page: str) -> dict:
    """The data set of the page of `live()`, and its notes."""
    packed = re.search('id="files">(.*?)<', page)[1]
    files = json.loads(gzip.decompress(base64.b64decode(packed)))
    return json.loads(files["data/data.json"]) | {"notes": json.loads(files["site.json"])["notes"]}
