"""The paper's Figure 3 as inline SVG, sc2net.svg. Its parts are highlighted on hover and link to the page that shows them.

The drawing has the colour of the text around it (`currentColor`) and the theme's accent colour, so it suits both themes.
"""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from sc2viz.draw import style
from sc2viz.words import N_, _, in_html

_SVG = (
    Path(__file__)
    .with_name("sc2net.svg")
    .read_text("utf-8")
    .replace("{cell}", style.themed("slstm"))
)
WITHOUT_LABELS = N_(
    "Figure 3(a) without labels: SC2Net. A row of SLSTM units turns a picture into a code, and a loss trains them."
)
WITH_LABELS = N_(
    "Figure 3(b) with labels: SC2Net. A row of SLSTM units turns a picture into a code, and a loss trains them."
)
_LINK = re.compile(
    r'<a class="part" data-page="(.*?)" aria-label="(.*?)"\s+data-says="(.*?)">(.*?)</a>', re.DOTALL
)


def sc2net(links: Mapping[str, str], supervised: bool = False) -> str:
    """Figure 3: SC2Net, a row of T SLSTM units with the loss of Eq. (10); `supervised` adds the softmax of Eq. (11).

    links: the addresses of pages. A part whose page is not among them is explained, and is no link.
    """

    def render(match: re.Match) -> str:
        page, name, about, body = match.groups()
        attributes = f'class="part" aria-label="{name}: {about}" data-says="{about}"'
        if page in links:
            return f'<a {attributes} data-page="{page}" href="{escape(links[page])}">{body}</a>'
        return f'<g {attributes} role="img" tabindex="0">{body}</g>'

    svg = _SVG if supervised else re.sub('<g class="labels">.*?</g>', "", _SVG, flags=re.DOTALL)
    return _LINK.sub(
        render,
        in_html(svg).replace("{alt}", escape(_(WITH_LABELS if supervised else WITHOUT_LABELS))),
    )
