"""First screens at 1280 × 600: the sliders, and each page's picture, number and curve or map lie inside the window."""

import pytest

pytestmark = pytest.mark.browser

# By page: its path, and the elements that answer its question, as selectors, each with a name.
ANSWERS = {
    "train": ("train?data=digits&atoms=16", {
        "play": ".st-key-play button",
        "atoms": ".scrubber article:first-child canvas",
        "sentence": ".scrubber .caption",
        "curve": ".scrubber .curves >> nth=0",
    }),
    "dictionary, being learned": ("dictionary?data=digits&part=being+learned&size=50", {
        "learn": ":is(.st-key-film-learn, .st-key-film-stop) button",
        "atoms": ".scrubber article canvas >> nth=0",
        "number": ".scrubber article .headline dd >> nth=0",
        "curve": ".scrubber .curves >> nth=0",
    }),
    "dictionary, all atoms": ("dictionary?data=digits", {
        "sentence": ".st-key-caption",
        "atoms": ".tiles >> nth=0",
        "curve": ".st-key-gram-row",
    }),
    "photograph": ("photograph", {
        "photograph": ".divider .view",
        "decibels": ".divider .tabs",
        "patch": ".scrubber.patch .picture canvas >> nth=2",
    }),
}  # fmt: skip
SLIDERS = {"photograph": ("σ", "λ")}  # the sliders of the sidebar; elsewhere λ and T


@pytest.mark.parametrize("name", ANSWERS)
def test_the_answer_is_on_the_first_screen(visit, name):
    path, parts = ANSWERS[name]
    page = visit(path, height=600)
    for what, selector in parts.items():
        node = page.locator(selector)
        node.wait_for()
        box = node.bounding_box()
        assert box["height"] > 10 and box["y"] + box["height"] <= 600, (what, box)
    for slider in SLIDERS.get(name, ("λ", "T")):
        box = page.locator(".stSidebar").get_by_role("slider", name=slider).first.bounding_box()
        assert box["y"] + box["height"] <= 600, (slider, box)
