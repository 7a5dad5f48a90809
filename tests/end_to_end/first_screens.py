"""What of a page must lie on its first screen: the elements that answer its question, and the sliders."""

# Of pages as they open: the elements as selectors, each with a name.
ANSWERS = {
    "welcome": {
        "sum": ".adder canvas.sum",
        "number": ".adder .rest-says",
        "curve": ".adder .course svg",
    },
    "compare": {
        "sentence": ".st-key-caption",
        "number": ".sc-slstm .sc-headline b",
        "picture": ".sc-slstm canvas >> nth=0",
        "error": ".sc-slstm canvas >> nth=1",
        "curve": ".st-key-excess .js-plotly-plot",
    },
    "step": {
        "play": ".sc-play",
        "missing": ".sc-iteration svg image >> nth=2",
    },
    "lambda": {
        "sentence": ".st-key-caption",
        "at λ": ".sc-card canvas >> nth=1",
        "at 1": ".sc-card canvas >> nth=6",
        "number": ".sc-card .sc-headline b >> nth=1",
        "why zeros": ".sc-zeros svg",
    },
    "codes": {
        "map": ".sc-found .sc-plot svg",
        "verdict": ".sc-found .sc-says",
        "play": ".scrubber .play",
        "sentence": ".scrubber .caption",
        "first code": ".scrubber article .stems svg >> nth=0",
        "best code": "article[aria-label='ALISTA (support selection)'] .stems svg",
        "third code": ".scrubber article .stems svg >> nth=2",
        "number": ".scrubber article .headline dd >> nth=0",
    },
    "autoencoders": {
        "sentence": ".gaps .caption",
        "row": ".gaps article canvas >> nth=0",
        "code": ".gaps article .stems svg",
        "picture": ".gaps article canvas >> nth=1",
        "two gaps": ".gaps .gaps-of svg >> nth=0",
        "numbers": ".gaps .gaps-of b >> nth=1",
        "two gaps of ten steps": "article[aria-label='10 steps'] .gaps-of svg",
    },
    "paper": {
        "sentence": ".st-key-caption",
        "dots": ".sc-dots figure >> nth=0",
        "dots of CIFAR-10 with labels": ".sc-dots figure >> nth=3",
    },
    "photograph": {
        "photograph": ".divider .view",
        "decibels": ".divider .tabs",
        "error": ".st-key-photo-cards-errors img",
    },
}
# The sliders of the sidebar; elsewhere λ and T.
SLIDERS = {
    "paper": (),
    "welcome": ("λ",),
    "dictionary": ("λ",),
    "photograph": ("σ", "λ"),
    "autoencoders": ("λ, × each encoder’s own",),
    "codes": ("k, non-zeros", "SNR, decibels", "d_x, measurements"),
}


def check(page, selectors: dict[str, str], sliders: tuple[str, ...] = ("λ", "T")) -> None:
    """All of them lie inside the window, which is 600 pixels high."""
    for name, selector in selectors.items():
        node = page.locator(selector).first
        node.wait_for()
        box = node.bounding_box()
        assert box["height"] > 10 and box["y"] + box["height"] <= 600, (name, box)
    for slider in sliders:
        box = page.locator(".stSidebar").get_by_role("slider", name=slider).first.bounding_box()
        assert box["y"] + box["height"] <= 600, (slider, box)
