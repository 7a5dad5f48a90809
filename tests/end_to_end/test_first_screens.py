"""First screens at 1280 × 600 of views that pages do not open with: the sliders, and the view's picture, number and curve or
map lie inside the window. Those of pages as they open: test_every_page."""

import pytest
from end_to_end import first_screens

pytestmark = pytest.mark.browser

# By view: its path, and the elements that answer its question, as selectors, each with a name.
ANSWERS = {
    "step": (
        "step?shows=iterations&data=digits&stepped=ISTA&stepped=FISTA&stepped=LISTA&stepped=SLSTM",
        {
            "play": ".scrubber .play",
            "sentence": ".scrubber .caption",
            "picture": "article[aria-label=SLSTM] canvas >> nth=0",
            "error": "article[aria-label=SLSTM] canvas >> nth=1",
            "code": "article[aria-label=SLSTM] .stems svg",
            "number": "article[aria-label=SLSTM] .headline dd",
            "curve": ".scrubber .curves > svg",
        },
    ),
    "gates": (
        "gates?data=digits",
        {
            "sentence": ".st-key-caption",
            "atom": ".st-key-atom input",
            "picture": "img[alt^='Atom '] >> nth=0",
            "curves": ".st-key-course .cartesianlayer",
            "numbers": ".st-key-slow-motion .katex-html",
        },
    ),
    "activations": (
        "activations?data=digits",
        {
            "thumbnail of 8 × 8 pixels": ".st-key-strip img",
            "sentence": ".st-key-caption",
            "one weight": ".sc-one svg >> nth=1",
            "picture": ".st-key-each-activation .sc-card img >> nth=0",
            "number": ".st-key-each-activation .sc-headline b >> nth=1",
            "θ": ".knob input[aria-label^='θ']",
        },
    ),
    "train": (
        "train?data=digits&atoms=16",
        {
            "play": ".st-key-play button",
            "atoms": ".scrubber article:first-child canvas",
            "sentence": ".scrubber .caption",
            "curve": ".scrubber .curves",
        },
    ),
    "dictionary, being learned": (
        "dictionary?data=digits&size=50",
        {
            "learn": ".st-key-film-learn button",
            "atoms": ".scrubber article canvas",
            "sentence": ".scrubber .caption",
        },
    ),
    "dictionary, all atoms": (
        "dictionary?data=digits&part=all+atoms",
        {
            "sentence": ".st-key-caption",
            "atoms": ".tiles",
            "atom": "img[alt^='Atom ']",
            "pictures": ".st-key-users",
        },
    ),
    "dictionary, in networks": (
        "dictionary?data=digits&part=in+networks",
        {
            "sentence": ".st-key-caption",
            "what it learned": ".sc-learned .sc-says",
            "steps": ".sc-learned .sc-lanes svg >> nth=0",
        },
    ),
    "compare, bound": (
        "compare?data=digits&layout=bound",
        {
            "sentence": ".sc-dual .sc-says >> nth=0",
            "curve": ".sc-dual svg >> nth=0",
            "plane": ".sc-dual svg >> nth=1",
        },
    ),
    "photograph, approximate": (
        "photograph?do=approximate",
        {
            "photograph": ".divider .view",
            "decibels": ".divider .tabs",
            "curve": ".st-key-few-chart",
        },
    ),
    "photograph, inpaint": (
        "photograph?do=inpaint",
        {"photograph": ".divider .view", "decibels": ".divider .tabs"},
    ),
}
WITHOUT_SLIDERS = ("photograph, approximate", "photograph, inpaint")


@pytest.mark.everyday("gates")
@pytest.mark.parametrize("name", ANSWERS)
def test_the_answer_is_on_the_first_screen(visit, name):
    path, selectors = ANSWERS[name]
    sliders = (
        () if name in WITHOUT_SLIDERS else ("λ",) if name.startswith("dictionary") else ("λ", "T")
    )
    first_screens.check(visit(path, height=600), selectors, sliders)


# Tab stops that are seen; the links behind the title are for keys alone.
CONTROLS = """nodes => nodes.filter((node) => node.tabIndex >= 0 && !node.disabled && !node.closest(".st-key-reach")
  && node.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  && node.offsetWidth && node.getBoundingClientRect().top < innerHeight)
  .map((node) => node.ariaLabel || node.textContent || node.type)"""


@pytest.mark.release
@pytest.mark.parametrize(
    ("path", "picture"),
    [
        ("step?shows=iterations", ".scrubber article canvas"),
        ("dictionary?part=networks", ".sc-lanes svg"),
    ],
)
def test_a_first_screen_has_fourteen_controls_at_most(visit, path, picture):
    page = visit(path, height=720)
    page.locator(picture).first.wait_for()
    kinds = ":is(a[href], button, input, select, textarea, summary)"
    places = "[data-testid=stHeader]", ".stMain"
    controls = [page.locator(f"{place} {kinds}").evaluate_all(CONTROLS) for place in places]
    assert 5 < len(sum(controls, [])) <= 14, "\n".join(sum(controls, []))
