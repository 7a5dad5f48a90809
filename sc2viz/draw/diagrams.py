"""The paper's Figure 3 as inline SVG. Its parts are highlighted on hover and link to the page that shows them.

A drawing has the colour of the text around it (`currentColor`) and the theme's accent colour, so it suits both themes.
`links` maps a page to its address; a part whose page is not in `links` is explained but is not a link.
"""

from collections.abc import Callable, Mapping
from functools import partial
from html import escape

from sc2viz.draw import style

_LIGHT, _DARK = (style.colour("slstm", dark) for dark in (False, True))
_CELL = f"light-dark({_LIGHT}, {_DARK})"
_STYLE = f"""
.sc-diagram {{ width: 100%; min-width: 31rem; max-width: 40rem; height: auto; display: block; overflow: visible; }}
.sc-diagram text {{ fill: currentColor; text-anchor: middle; font: 17px var(--st-font, sans-serif); }}
.sc-diagram .m {{ font: italic 24px KaTeX_Math, "Source Serif", Georgia, serif; }}
.sc-diagram .it {{ font-style: italic; font-size: 20px; font-family: KaTeX_Math, "Source Serif", Georgia, serif; }}
.sc-diagram .up {{ font: 15px KaTeX_Main, "Source Serif", Georgia, serif; }}
.sc-diagram .start {{ text-anchor: start; }}
.sc-diagram .end {{ text-anchor: end; }}
.sc-diagram .quiet {{ opacity: .75; }}
.sc-diagram .wire, .sc-diagram .ring {{ fill: none; stroke: currentColor; stroke-width: 1.8; }}
.sc-diagram .head, .sc-diagram .dot {{ fill: currentColor; stroke: none; }}
.sc-diagram .ring {{ fill: var(--st-background-color, #fff); }}
.sc-diagram .box {{ fill: var(--st-secondary-background-color, #f2f0ea); stroke: currentColor; stroke-width: 1.6; }}
.sc-diagram .cell {{ stroke: {_CELL}; }}
.sc-diagram .part {{ color: inherit; text-decoration: none; cursor: default; }}
.sc-diagram a.part {{ cursor: pointer; }}
.sc-diagram .hit {{ fill: none; pointer-events: all; }}
.sc-diagram .part:is(:hover, :focus-visible) {{ color: var(--st-primary-color, #4b43b0); }}
.sc-diagram .part:is(:hover, :focus-visible) :is(.wire, .ring, .box) {{ stroke-width: 3.2; }}
"""

Links = Mapping[str, str]


def sc2net(links: Links, supervised: bool = False) -> str:
    """Figure 3: SC2Net, a row of T SLSTM units with the loss of Eq. (10); `supervised` adds the softmax of Eq. (11)."""
    part = partial(_part, links)
    parts = [
        part(
            "Picture x",
            "compare",
            "The picture x is an input of every iteration, and the reconstruction is compared with it.",
            _wire("M20 278 H582 V98", head=True)
            + "".join(_wire(f"M{x} 278 V222", head=True) for x in (62, 172, 322))
            + _dots(278, 62, 172, 322) + _math(10, 270, "x") + _hit(4, 256, 578, 40) + _hit(568, 100, 28, 190),
        ),
        *(
            part(
                f"Iteration {name}",
                "step",
                f"Iteration {name} is an SLSTM unit. All iterations share their weights, and each passes code s and memory "
                "c to the next.",
                f'<rect class="box cell" x="{x - 42}" y="160" width="84" height="60" rx="10"/>'
                + _words(x, 185, "SLSTM") + _small(x, 208, f"t = {name}"),
            )
            for x, name in ((62, "1"), (172, "2"), (322, "T"))
        ),
        *(_wire(f"M{a} {y} H{b}", head=True) for a, b in ((104, 128), (254, 278)) for y in (178, 202)),
        *(_wire(f"M214 {y} H226") for y in (178, 202)),
        '<text class="quiet" x="240" y="195">…</text>',
        part(
            "Code s",
            "step",
            "The code after T iterations is the output of SC2Net.",
            _wire("M364 190 H448", head=True) + '<circle class="dot" cx="398" cy="190" r="4"/>'
            + _math(396, 218, "s", "(T)") + _hit(366, 175, 80, 50),
        ),
        part(
            "Price of the code",
            "lambda",
            "λ‖s‖₁ is the price of the code. The larger λ is, the sparser the code becomes.",
            _wire("M398 190 V98", head=True) + _box(352, 42, 92, 54) + _math(398, 77, "λ‖s‖₁"),
        ),
        part(
            "Decoder B",
            "train",
            "The decoder computes Bs, the sum of the atoms with the code's weights. Training changes the atoms too.",
            _wire("M490 164 V98", head=True) + _box(450, 164, 80, 52) + _math(490, 198, "B"),
        ),
        part(
            "Reconstruction loss",
            "compare",
            "½‖x − Bs‖² is the reconstruction loss, the part of the picture that the sum of atoms does not explain.",
            _box(462, 42, 134, 54) + _math(529, 77, "½‖x−Bs‖²"),
        ),
        '<text x="453" y="76">+</text><text class="quiet" x="474" y="28">loss, Eq. (10)</text>',
    ]  # fmt: skip
    if supervised:
        parts += _with_labels(part)
    which = "(b) with labels" if supervised else "(a) without labels"
    alt = f"Figure 3{which}: SC2Net. A row of SLSTM units turns a picture into a code, and a loss trains them."
    return _svg(600, 304, alt, parts)


def _with_labels(part: Callable[..., str]) -> list[str]:
    """The parts of Figure 3b that Figure 3a does not have."""
    return [
        part(
            "Softmax",
            "step",
            "softmax(C s), Eq. (11), gives class probabilities from the code through a linear layer C.",
            _wire("M398 128 H252 V98", head=True) + '<circle class="dot" cx="398" cy="128" r="4"/>'
            + _box(186, 42, 132, 54) + '<text x="252" y="76">softmax(<tspan class="m it">Cs</tspan>)</text>',
        ),
        part(
            "Cross-entropy",
            "train",
            "The cross-entropy of the true label y makes the codes of different classes distinguishable.",
            _wire("M186 69 H146", head=True) + _box(22, 42, 122, 54)
        + '<text x="83" y="76">−log <tspan class="m it">p</tspan>'
        '<tspan class="it" dy="5" style="font-size:15px">y</tspan></text>',
        ),
        '<text class="quiet" x="83" y="28">loss, labels</text>',
    ]  # fmt: skip


def _svg(width: int, height: int, alt: str, parts: list[str]) -> str:
    return (
        f'<svg class="sc-diagram" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="group" '
        f'aria-label="{escape(alt)}"><style>{_STYLE}</style>{"".join(parts)}</svg>'
    )


def _part(links: Links, name: str, page: str, says: str, body: str) -> str:
    """A part of a drawing with its explanation (`data-says`) and, if its page is in `links`, a link to that page."""
    spoken = f"{name}: {says}".replace("W_", "W ")  # the caption shows W_f as W with a low f
    words = f'class="part" aria-label="{escape(spoken)}" data-says="{escape(says)}"'
    if page in links:
        return f'<a {words} href="{escape(links[page])}" data-page="{page}">{body}</a>'
    return f'<g {words} role="img" tabindex="0">{body}</g>'


def _wire(path: str, head: bool = False) -> str:
    return f'<path class="wire" d="{path}"/>' + (_head(path) if head else "")


def _head(path: str) -> str:
    """The arrow head at the end of a path of M, H and V."""
    x = y = 0.0
    turn = 0
    for step in path.replace("M", "M ").replace("H", "@H ").replace("V", "@V ").split("@"):
        kind, *numbers = step.split()
        if kind == "M":
            x, y = map(float, numbers)
        elif kind == "H":
            turn, x = (0 if float(numbers[0]) > x else 180), float(numbers[0])
        else:
            turn, y = (90 if float(numbers[0]) > y else 270), float(numbers[0])
    return f'<path class="head" d="M1 0 L-9 -5 L-9 5 Z" transform="translate({x:g} {y:g}) rotate({turn})"/>'


def _dots(y: int, *xs: int) -> str:
    return "".join(f'<circle class="dot" cx="{x}" cy="{y}" r="4"/>' for x in xs)


def _box(x: int, y: int, width: int, height: int) -> str:
    return f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{height}" rx="10"/>'


def _hit(x: int, y: int, width: int, height: int) -> str:
    """An invisible area that receives the pointer, because a line alone is too thin."""
    return f'<rect class="hit" x="{x}" y="{y}" width="{width}" height="{height}"/>'


def _math(x: int, y: int, letter: str, above: str = "") -> str:
    raised = f'<tspan class="up" dy="-9">{above}</tspan>' if above else ""
    return f'<text class="m" x="{x}" y="{y}">{letter}{raised}</text>'


def _words(x: int, y: int, *lines: str) -> str:
    return "".join(f'<text x="{x}" y="{y + 19 * k}">{line}</text>' for k, line in enumerate(lines))


def _small(x: int, y: int, words: str) -> str:
    return f'<text class="quiet" x="{x}" y="{y}">{words}</text>'
