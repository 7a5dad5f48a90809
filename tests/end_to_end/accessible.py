"""What readers meet who cannot see a page, or hold no mouse: what axe-core finds, what is said aloud, what shifts, and where
the Tab key leads."""

import io
from pathlib import Path

import axe_playwright_python
import numpy as np
from PIL import Image

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text("utf-8")

# Parts of Streamlit's that cannot be changed from here, by selector, with the reason.
STREAMLITS = {
    "[data-testid=stSkipToContent]": "a link that Streamlit puts outside its landmarks",
    "[data-testid=stToast]": "a message, whose dialog has no name",
    "[data-testid=stSidebarNavItems]": "the menu of a phone, a list whose groups are no list items",
    "[data-testid=stFileUploaderDropzone]": "a place for files with a label and the role of a presentation",
}
MORE = {
    "target-size": {"enabled": True},
    "label-content-name-mismatch": {"enabled": True},
}  # not among axe's usual rules
FINDS = """async ([within, leave, rules, only]) => {
    const run = only.length ? { runOnly: only } : { rules };
    const app = document.querySelector(".stApp") ?? document.body;
    let ran = true;
    let found = [];
    const seen = new MutationObserver(() => { ran = true; });
    seen.observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
    // Where the page has run meanwhile, axe has seen parts that are pale because they are old, and looks once more.
    for (let k = 0; k < 5 && (!k || (ran && found.length)); k++) {
        while (app.dataset.testScriptState === "running") await new Promise(then => setTimeout(then, 100));
        ran = false;
        const at = { include: [within], exclude: leave.filter(each => document.querySelector(each)).map(each => [each]) };
        const { violations } = await axe.run(at, { resultTypes: ["violations"], ...run });
        found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, html, any, all, none }) =>
            `${id}: ${target.flat().join(" ")} ${html.slice(0, 120)} (${[...any, ...all, ...none][0]?.message})`));
    }
    seen.disconnect();
    return found;
}"""
# Parts of formulas that have not as many children as MathML wants, of which Firefox shows an error.
FORMULAS = """within => {
    const wants = { msub: 2, msup: 2, mfrac: 2, mover: 2, munder: 2, mroot: 2, msubsup: 3, munderover: 3 };
    return [...document.querySelectorAll(`${within} math *`)]
        .filter(({ localName, childElementCount }) => childElementCount !== (wants[localName] ?? childElementCount))
        .map(part => `formula: ${part.outerHTML.slice(0, 120)}`);
}"""


def violations(page, within: str = "body", only: tuple[str, ...] = ()) -> list[str]:
    """What axe finds in a part of a page that is ours, one line each. only: the rules to look at."""
    if not page.evaluate("Boolean(window.axe)"):
        page.add_script_tag(content=AXE)
    results = page.evaluate(FINDS, [[within], list(STREAMLITS), MORE, list(only)])
    return results if only else results + page.evaluate(FORMULAS, within)


PALE = Path(__file__).with_name("pale.js").read_text("utf-8")


def pale(page) -> list[str]:
    """The words that stand out too little from their ground, those in drawings among them, at which axe does not look, once
    charts have been drawn in the colours of the theme."""
    for _ in range(10):
        texts = page.evaluate(PALE)
        assert texts["seen"] > 20
        if not texts["found"]:
            break
        page.wait_for_timeout(500)
    return texts["found"]


# Keeps in `window.heard` what a screen reader would say, from live regions everywhere.
LISTENS = """() => {
    const listens = window.heard;
    window.heard = [];
    if (listens) return;
    const live = ":is([aria-live], [role=status], [role=alert], [role=log], output):not([aria-live=off])";
    const element = node => node.nodeType === 1 ? node : node.parentElement;
    const listen = root => {
        const seen = new MutationObserver(changes => {
            const regions = changes.map(({ target }) => element(target)?.closest(live));
            for (const region of new Set(regions.filter(Boolean))) window.heard.push(region.textContent);
        });
        seen.observe(root, { subtree: true, childList: true, characterData: true });
    };
    for (const root of [document, ...[...document.querySelectorAll("*")].map(each => each.shadowRoot).filter(Boolean)])
        listen(root);
}"""


def listen(page) -> None:
    """From now on the page keeps in `window.heard` what is said aloud."""
    page.evaluate(LISTENS)


def heard(page) -> list[str]:
    """What has been said since `listen`, or since this was asked last."""
    return page.evaluate("() => window.heard.splice(0)")


def play_and_rest(page, seconds: int = 6, most: int = 1) -> None:
    """Press the play button that has the focus, and let it play for these seconds, or to its end. Pictures change what they
    say, and all have words. Aloud at most so many sentences are said, each once, and one once all rests."""
    asks = "at.ariaLabel ?? at.textContent"
    listen(page)
    words_before, rests = page.evaluate(WORDS), focused(page, asks)
    page.keyboard.press("Enter")
    texts = []
    for _ in range(2 * seconds):
        page.wait_for_timeout(500)
        texts.append(page.evaluate(WORDS))
    announced = heard(page)
    assert (
        len(set(announced)) == len(announced) <= most
        and any(text != words_before for text in texts)
        and not any(None in text for text in texts)
    )
    if focused(page, asks) != rests:
        page.keyboard.press("Enter")
    if not announced:
        page.wait_for_function("window.heard.length")
    page.wait_for_timeout(1000)
    announced += heard(page)
    assert len(set(announced)) == len(announced) <= most, announced


# Adds up in `window.shifted` how far what is seen was moved, from the moment on when our style sheet is there, and in
# `window.unstyled` before it, when Streamlit makes its empty page wide.
SHIFTS = """() => {
    let from = Infinity;
    window.shifted = window.unstyled = window.reworded = 0;
    const styled = () => getComputedStyle(document.documentElement).getPropertyValue("--sc-text");
    const wait = () => requestAnimationFrame(styled() ? () => { from = performance.now(); } : wait);
    requestAnimationFrame(wait);
    new PerformanceObserver(list => {
        for (const { value, startTime, sources } of list.getEntries()) {
            if (startTime > from) window.shifted += value;
            else window.unstyled += value;
            if (sources.every(({ node }) => node?.nodeType === 3)) window.reworded += value;
        }
    }).observe({ type: "layout-shift", buffered: true });
}"""

# What pictures and drawings say that they show.
WORDS = """() => [document, ...[...document.querySelectorAll("*")].map(each => each.shadowRoot).filter(Boolean)]
    .flatMap(root => [...root.querySelectorAll("[role=img]")]).map(each => each.ariaLabel)"""

FOCUSED = "() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; "


def focused(page, asks: str):
    """What a JavaScript expression says of the element `at` that has the focus."""
    return page.evaluate(f"{FOCUSED} return {asks} }}")


def changed(page, asks: str, previous) -> None:
    """Wait until that is no longer what it was `before`."""
    page.wait_for_function(f"before => ({FOCUSED} return {asks} }})() !== before", arg=previous)


BOX = """(({ x, y, width, height }) => [x, y, x + width, y + height])(
    (at.matches(".stCheckbox input") ? at.closest("label") : at).getBoundingClientRect())"""
BORDER = 60  # pixels: a fifth of a line of 2 px around what is 40 px wide and high


def unseen(page, limit: int) -> list[str]:
    """Which of the first `most` stops of the Tab key do not show that they have the focus, by a contrast of 3:1 or more
    between pixels with and without it."""
    problems = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(limit):
        page.keyboard.press("Tab")
        if focused(page, "at === document.body"):
            break  # behind the last stop
        x_start, top, right, bottom = focused(page, BOX)
        x_start, top = max(0, x_start - 8), max(0, top - 8)
        size = page.viewport_size
        wide, high = min(size["width"], right + 8) - x_start, min(size["height"], bottom + 8) - top
        description = focused(
            page, "`${at.localName} ${at.ariaLabel ?? at.textContent}`.slice(0, 60)"
        )
        if wide < 1 or high < 1:
            problems.append(f"{description} lies outside the window")
            continue
        clip = {"x": x_start, "y": top, "width": wide, "height": high}
        with_focus = _light(page.screenshot(clip=clip, caret="hide"))
        page.evaluate(f"{FOCUSED} window.left = at; at.blur(); }}")
        without = _light(page.screenshot(clip=clip, caret="hide"))
        page.evaluate("window.left.focus({ preventScroll: true })")
        ratio = np.maximum(with_focus, without) / np.minimum(with_focus, without)
        if (ratio >= 3).sum() < BORDER:
            problems.append(description)
    return problems


def _light(png: bytes) -> np.ndarray:
    """The luminance of each pixel plus .05, as WCAG's contrast takes it."""
    values = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")) / 255
    return (
        np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        @ [0.2126, 0.7152, 0.0722]
        + 0.05
    )


class Keys:
    """The Tab key from the title of a page on: `to(…)` presses it until an element has the focus, at most `most` times."""

    def __init__(self, page, limit: int = 12):
        self.page, self.most = page, limit

    def start(self) -> "Keys":
        self.pressed = 0
        self.page.locator(".st-key-head h1").evaluate(
            "title => { title.tabIndex = -1; title.focus(); }"
        )
        return self

    def to(self, asks: str) -> "Keys":
        while not focused(self.page, asks):
            assert self.pressed < self.most, (
                f"{asks} is not reached in {self.most} Tabs: {focused(self.page, 'at.outerHTML')}"
            )
            self.page.keyboard.press("Tab")
            self.pressed += 1
        return self

    def by(self, link: str) -> "Keys":
        """Follow one of the links behind the title."""
        self.start().to(f"at.closest('.reach') && at.textContent === '{link}'")
        self.page.keyboard.press("Enter")
        return self
