"""What a reader sees of a page without a browser."""

import base64
import gzip
import json
import re


def html(app) -> str:
    """The HTML of the page, and that of its board as it is before a slider moves."""
    drawn = [element.proto.body for element in app.get("html")]
    for element in app.get("bidi_component"):
        data = told(element)
        if isinstance(data, dict) and "html" in data:
            drawn.append(re.sub(' data-(said|moves)="[^"]*"', "", data["html"]))
    return " ".join(drawn)


def told(element):
    """What a component was given."""
    data = json.loads(element.proto.json or "null")
    return json.loads(gzip.decompress(base64.b64decode(data["packed"]))) if data and "packed" in data else data
