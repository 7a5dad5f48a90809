"""The paper's diagrams as SVG: well formed, every part explained, links only to pages that are there."""

import re
from xml.etree import ElementTree

import pytest

from sc2viz.draw import diagrams

SVG = "{http://www.w3.org/2000/svg}"
EVERYWHERE = {
    page: f"{page}?data=digits&lam=0.5"
    for page in ("gates", "step", "activations", "compare", "lambda", "train")
}
DRAWN = {
    "alone": diagrams.sc2net,
    "labels": lambda links: diagrams.sc2net(links, supervised=True),
}


def parts(svg: str) -> list[ElementTree.Element]:
    return [
        element for element in ElementTree.fromstring(svg).iter() if element.get("class") == "part"
    ]


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_every_part_explains_itself_and_leads_to_its_page(draw):
    elements = parts(draw(EVERYWHERE))
    assert len(elements) >= 8
    for element in elements:
        assert element.tag == f"{SVG}a" and len(element.get("data-says")) > 20
        assert element.get("href") == EVERYWHERE[element.get("data-page")]


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_a_part_whose_page_is_missing_can_still_be_focused_but_leads_nowhere(draw):
    everywhere, nowhere = draw(EVERYWHERE), draw({})
    assert "href" not in nowhere
    assert all(element.get("tabindex") == "0" for element in parts(nowhere))
    assert [element.get("data-says") for element in parts(nowhere)] == [
        element.get("data-says") for element in parts(everywhere)
    ]


def test_only_the_supervised_network_has_a_softmax():
    assert "softmax" not in diagrams.sc2net(EVERYWHERE)
    assert "softmax" in diagrams.sc2net(EVERYWHERE, supervised=True)


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_boxes_lie_inside_the_drawing(draw):
    svg = draw(EVERYWHERE)
    width, height = map(float, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())
    for box in ElementTree.fromstring(svg).iter(f"{SVG}rect"):
        x, y, w, h = (float(box.get(name)) for name in ("x", "y", "width", "height"))
        assert min(x, y) >= 0 and x + w <= width and y + h <= height
