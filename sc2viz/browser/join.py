"""The page that phones of a class open: one HTML document with everything in it, and a module that it imports where its phone
draws."""

import base64
import functools
import hashlib
import json

from sc2viz import words
from sc2viz.browser import modules
from sc2viz.classroom import rooms
from sc2viz.words import templates


@functools.cache
def page(language: str) -> tuple[str, str]:
    """The document in a language, and the policy for its content: it runs what is in it and what its server has, draws
    what is in it, and talks to its server alone."""
    with words.speaking(language):
        css = modules.sheet("answers.css", "question.css", "pad.css", "join.css")
        script = modules.joined(modules.FOLDER / "join.js")
        script = words.for_browser(script) + script
        policy = (
            f"default-src 'none'; script-src 'self' {_digest(script)}; style-src {_digest(css)}; img-src data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return templates.filled(__file__, css=css, script=script, letters=rooms.LENGTH), policy


@functools.cache
def drawing(language: str) -> str:
    """The module that the page imports where its phone draws, in a language."""
    with words.speaking(language):
        html = words.in_html((modules.FOLDER / "sum.html").read_text("utf-8"))
        styles = modules.sheet("sum.css", "sliders.css")
        script = modules.bare(modules.joined(modules.FOLDER / "drawing.js"))
        script = f"{words.for_browser(script)}globalThis.sc2vizSum = {json.dumps({'html': html, 'css': styles})};\n{script}"
        return f"{script}\nexport {{ DrawingForm, showDrawing, showSum }};\n"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
