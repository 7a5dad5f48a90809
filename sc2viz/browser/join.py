"""The page that phones of a class open: one HTML document with everything in it."""

import base64
import functools
import hashlib

from sc2viz import words
from sc2viz.browser import modules
from sc2viz.classroom import rooms
from sc2viz.words import templates


@functools.cache
def page(language: str = words.ENGLISH) -> tuple[str, str]:
    """The document in a language, and the policy for its content: it runs and draws what is in it alone, and talks to its
    server alone."""
    with words.speaking(language):
        css, script = (
            modules.sheet("answers.css", "question.css", "join.css"),
            modules.joined(modules.FOLDER / "join.js"),
        )
        script = words.for_browser(script) + script
        policy = (
            f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(css)}; img-src data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return templates.filled(__file__, css=css, script=script, letters=rooms.LENGTH), policy


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
