"""First screens at 1280 × 600: the sliders, and each page's picture, number and curve or map lie inside the window."""

import pytest

pytestmark = pytest.mark.browser

# By page: its path, and the elements that answer its question, as selectors, each with a name.
ANSWERS = {
    "step": ("step?data=digits&stepped=ISTA&stepped=FISTA&stepped=LISTA&stepped=SLSTM", {
        "play": ".scrubber .play",
        "sentence": ".scrubber .caption",
        "picture": "article[aria-label=SLSTM] canvas >> nth=0",
        "error": "article[aria-label=SLSTM] canvas >> nth=1",
        "code": "article[aria-label=SLSTM] .stems svg",
        "number": "article[aria-label=SLSTM] .headline dd",
        "curve": ".scrubber .curves > svg",
    }),
    "gates": ("gates?data=digits", {
        "sentence": ".st-key-caption",
        "atom": ".st-key-atom input",
        "without gates": ".st-key-cell summary",
        "row of the atom": ".st-key-cells .ytick text:has-text('▸')",
        "picture": "img[alt^='Atom '] >> nth=0",
    }),
    "activations": ("activations?data=digits", {
        "thumbnail of 8 × 8 pixels": ".st-key-strip img",
        "sentence": ".st-key-caption",
        "curve": ".st-key-activation .js-plotly-plot",
        "picture": ".st-key-each-activation .sc-card img >> nth=0",
        "number": ".st-key-each-activation .sc-headline b >> nth=1",
        "u": ".knob input[aria-label^='u, double']",
    }),
    "welcome": ("welcome", {
        "sum": ".adder canvas.sum",
        "number": ".adder .rest-says",
        "curve": ".adder .course svg",
    }),
    "compare": ("compare", {
        "sentence": ".st-key-caption",
        "number": ".sc-slstm .sc-headline b",
        "picture": ".sc-slstm canvas >> nth=0",
        "error": ".sc-slstm canvas >> nth=1",
        "curve": ".st-key-excess .js-plotly-plot",
    }),
    "λ trade-off": ("lambda", {
        "sentence": ".st-key-caption",
        "at λ": ".sc-card canvas >> nth=1",
        "at 1": ".sc-card canvas >> nth=7",
        "number": ".sc-card .sc-headline b >> nth=1",
        "why zeros": ".sc-plane-drawing",
    }),
    "train": ("train?data=digits&atoms=16", {
        "play": ".st-key-play button",
        "atoms": ".scrubber article:first-child canvas",
        "sentence": ".scrubber .caption",
        "curve": ".scrubber .curves",
    }),
    "dictionary, being learned": ("dictionary?data=digits&part=being+learned&size=50", {
        "learn": ".st-key-film-learn button",
        "atoms": ".scrubber article canvas",
        "number": ".scrubber article .headline dd",
        "curve": ".scrubber .curves",
    }),
    "dictionary, all atoms": ("dictionary?data=digits", {
        "sentence": ".st-key-caption",
        "atoms": ".tiles",
        "curve": ".st-key-gram-row",
    }),
    "dictionary, in networks": ("dictionary?data=digits&part=in+networks", {
        "sentence": ".st-key-caption",
        "atoms": ".tiles",
        "atom": "img[alt^='Network: atom']",
    }),
    "known codes": ("codes", {
        "play": ".scrubber .play",
        "sentence": ".scrubber .caption",
        "first code": ".scrubber article .stems svg >> nth=0",
        "third code": ".scrubber article .stems svg >> nth=2",
        "number": ".scrubber article .headline dd >> nth=0",
        "NMSE by layer": ".scrubber .curves > svg >> nth=0",
        "F by layer": ".scrubber .curves > svg >> nth=1",
    }),
    "autoencoders": ("autoencoders", {
        "sentence": ".scrubber.gaps .caption",
        "two gaps": ".gaps-of svg >> nth=0",
        "numbers": ".gaps-of b >> nth=1",
        "picture": ".gaps article:nth-child(2) canvas >> nth=0",
        "exact": ".gaps article:nth-child(2) canvas >> nth=2",
        "code": ".gaps article:nth-child(2) .stems svg",
    }),
    "photograph, approximate": ("photograph?do=approximate", {
        "photograph": ".divider .view",
        "decibels": ".divider .tabs",
        "curve": ".st-key-few-chart",
    }),
    "photograph, inpaint": ("photograph?do=inpaint", {"photograph": ".divider .view", "decibels": ".divider .tabs"}),
    "paper": ("paper", {
        "sentence": ".st-key-caption",
        "number": ".sc-answer tbody tr:last-child b >> nth=0",
        "mark": ".sc-answer i >> nth=0",
        "dots": ".sc-dots figure >> nth=0",
        "dots of CIFAR-10 with labels": ".sc-dots figure >> nth=3",
    }),
    "photograph": ("photograph", {
        "photograph": ".divider .view",
        "decibels": ".divider .tabs",
        "patch": ".scrubber.patch .picture canvas",
    }),
}  # fmt: skip
# The sliders of the sidebar; elsewhere λ and T.
SLIDERS = {"photograph, approximate": (), "photograph, inpaint": (), "paper": (), "photograph": ("σ", "λ"),
           "autoencoders": ("λ, × each encoder’s own",),
           "known codes": ("k, non-zeros", "SNR, decibels", "d_x, measurements")}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_the_answer_is_on_the_first_screen(visit, name):
    path, parts = ANSWERS[name]
    page = visit(path, height=600)
    for what, selector in parts.items():
        node = page.locator(selector).first
        node.wait_for()
        box = node.bounding_box()
        assert box["height"] > 10 and box["y"] + box["height"] <= 600, (what, box)
    for slider in SLIDERS.get(name, ("λ", "T")):
        box = page.locator(".stSidebar").get_by_role("slider", name=slider).first.bounding_box()
        assert box["y"] + box["height"] <= 600, (slider, box)
