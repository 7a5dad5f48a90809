"""The bar at the top: the pages in groups, each at most two clicks away, and the group of the page at hand is marked."""

import pytest

from sc2viz.lab.bench.browser import turn_to
from sc2viz.ui.app import GROUPS, TITLES

pytestmark = [pytest.mark.browser, pytest.mark.release]

# The weights of the words in the bar, by the words.
WEIGHTS = """bar => Object.fromEntries([...bar.querySelectorAll('button, a')].map(each =>
    [each.innerText.split('\\n')[0].trim(), Number(getComputedStyle(each).fontWeight)]))"""


def test_every_page_stands_in_its_group_and_the_group_at_hand_is_marked(visit):
    page = visit("welcome?more=true", width=1024)
    bar = page.get_by_test_id("stTopNav")
    across = {}
    for group, pages in GROUPS.items():
        button = bar.get_by_role("button", name=group, exact=True)
        button.click()
        assert page.get_by_role("menuitem").all_inner_texts() == [
            entry["title"] for entry in pages.values()
        ]
        page.keyboard.press("Escape")
        across[button.bounding_box()["x"]] = group
    assert [across[x] for x in sorted(across)] == list(GROUPS)  # in the order of the table
    for group, path in (
        ("Look inside", "activations"),
        ("Research", "paper"),
        ("Start", "compare"),
    ):
        turn_to(page, TITLES[path])
        page.wait_for_url(f"**/{path}")  # where More is closed again
        page.wait_for_timeout(300)
        weights = bar.evaluate(WEIGHTS)
        assert [name for name, weight in weights.items() if weight >= 600] == [group], weights


def test_on_a_phone_the_pages_stand_in_the_menu(visit):
    page = visit("paper", width=390, height=844)
    page.get_by_test_id("stExpandSidebarButton").click()
    links = page.get_by_test_id("stSidebarNavLink")
    links.first.wait_for()
    assert set(map(str.strip, links.all_inner_texts())) == set(TITLES.values())
    links.filter(has_text="Compare").click()
    page.wait_for_url("**/compare*")
