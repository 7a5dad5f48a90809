"""The paper's Figure 3 as inline SVG, sc2net.svg. Its parts are highlighted on hover and link to the page that shows them.

The drawing has the colour of the text around it (`currentColor`) and the theme's accent colour, so it suits both themes.
"""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from sc2viz.draw import style
from sc2viz.words import N_, _, in_html

_DRAWN = (
    Path(__file__)
    .with_name("sc2net.svg")
    .read_text("utf-8")
    .replace("{cell}", style.themed("slstm"))
)
WITHOUT = N_(
    "Figure 3(a) without labels: SC2Net. A row of SLSTM units turns a picture into a code, and a loss trains them."
)
WITH = N_(
    "Figure 3(b) with labels: SC2Net. A row of SLSTM units turns a picture into a code, and a loss trains them."
)
_PART = re.compile(
    r'<a class="part" data-page="(.*?)" aria-label="(.*?)"\s+data-says="(.*?)">(.*?)</a>', re.DOTALL
)


def sc2net(links: Mapping[str, str], supervised: bool = False) -> str:
    """Figure 3: SC2Net, a row of T SLSTM units with the loss of Eq. (10); `supervised` adds the softmax of Eq. (11).

    links: the addresses of pages. A part whose page is not among them is explained, and is no link.
    """

    def part(found: re.Match) -> str:
        page, name, says, body = found.groups()
        words = f'class="part" aria-label="{name}: {says}" data-says="{says}"'
        if page in links:
            return f'<a {words} data-page="{page}" href="{escape(links[page])}">{body}</a>'
        return f'<g {words} role="img" tabindex="0">{body}</g>'

    drawn = (
        _DRAWN if supervised else re.sub('<g class="labels">.*?</g>', "", _DRAWN, flags=re.DOTALL)
    )
    return _PART.sub(
        part, in_html(drawn).replace("{alt}", escape(_(WITH if supervised else WITHOUT)))
    )
