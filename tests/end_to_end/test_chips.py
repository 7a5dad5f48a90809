"""The chips of the solvers in a real browser, with solvers and networks of the reader's own beside the built-in ones."""

import itertools
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from end_to_end.dragging import ITERATION, LAMBDA, SEEN, Drag, Frames
from end_to_end.dragging import ready as drawn
from playwright.sync_api import expect

from sc2viz import checkpoints, solvers
from sc2viz.draw import style

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
GUESTS = {
    "tista": "TISTA",
    "gated": "GRU-ISTA",
    "residual": "Residual ISTA",
    "without_lambda": "Top-k",
    "firm": "Firm ISTA",
}
BUILT_IN = tuple(map(style.label, solvers.NAMES))
THREE = ("TISTA", "GRU-ISTA", "Top-k")

LABELS = "all => all.map(one => one.querySelector('[data-label], b').textContent)"
FOCUSED = """() => {
    let at = document.activeElement;
    while (at.shadowRoot) at = at.shadowRoot.activeElement;
    return at.ariaLabel ?? at.innerText;
}"""


@pytest.fixture(scope="module")
def with_guests(served, tmp_path_factory):
    """The address of an app with guests, one of which fails, one that no dictionary with few atoms suits, three networks
    of the reader's own for the digits, and data of the reader's own, rows that are no pictures."""
    place = tmp_path_factory.mktemp("guests")
    B = checkpoints.load_dictionary("digits")
    for name in ("lista", "lfista", "slstm"):
        checkpoints.save(solvers.build(name, B), place / f"{name}-mine.safetensors")
    files = [
        ROOT / "tests" / "guests" / f"{file}.py" for file in (*GUESTS, "overcomplete", "broken")
    ]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    rng = np.random.default_rng(0)
    train, test = (rng.random((n, 3)) @ rng.normal(size=(3, 20)) for n in (60, 4))
    np.savez(place / "rows.npz", x_train=train, x_test=test)
    environment = {
        "SC2VIZ_SOLVERS": os.pathsep.join(map(str, files)),
        "SC2VIZ_NETWORKS": str(place),
        "SC2VIZ_DATA": str(place),
    }
    with served(command, ROOT, place / "log", **environment) as address:
        yield address


def chip(page, label: str):
    return page.get_by_role(
        "button", name=re.compile(rf"^{re.escape(label)}( [^(]|$)")
    )  # behind the label stands its note


def link(address: str, path: str, labels, **query: str) -> str:
    pairs = [*(("solvers", label) for label in labels), *query.items()]
    return f"{address}/{path}?" + "&".join(
        f"{key}={value.replace(' ', '+')}" for key, value in pairs
    )


def ready(page) -> None:
    page.locator(".chips .chip").first.wait_for()
    page.wait_for_selector(".sc-cards")


def rows(page) -> int:
    return len(
        set(
            page.locator(".chips .chip:visible").evaluate_all(
                "all => all.map(chip => chip.offsetTop)"
            )
        )
    )


@pytest.mark.release
def test_thirteen_networks_and_three_guests_take_two_rows_above_the_picture(visit, with_guests):
    page = visit(link(with_guests, "compare", (), data="mnist-5k"), height=720)
    ready(page)
    networks = []
    for solver in ("LISTA", "LFISTA", "SLSTM"):
        page.get_by_role("button", name=f"Variants of {solver}").click()
        networks += [
            item.get_attribute("data-model") for item in page.get_by_role("menuitemcheckbox").all()
        ]
        page.keyboard.press("Escape")
    assert len(networks) >= 13
    page.goto(link(with_guests, "compare", (*networks[:13], *THREE), data="mnist-5k"))
    ready(page)
    page.wait_for_function(
        "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"
    )
    assert rows(page) <= 2
    for label in ("LISTA", "LFISTA", "SLSTM", *THREE):
        assert chip(page, label).get_attribute("aria-pressed") == "true"
    first = page.locator(".sc-cards canvas").first.bounding_box()
    assert first["y"] + first["height"] <= 720


@pytest.mark.release
def test_two_rows_whatever_the_width_and_the_others_a_click_away(visit, fits, widths, with_guests):
    page = visit(link(with_guests, "compare", ("ISTA", "SLSTM", "Top-k"), data="digits"))
    ready(page)
    labels = [*BUILT_IN, *GUESTS.values(), "Overcomplete ISTA"]
    for _ in widths(page):
        fits(page)
        assert rows(page) <= 2
        button = page.locator("[data-rest]")
        hidden = int(button.inner_text().split()[0]) if button.count() else 0
        chips = page.locator(".chips [data-solver]:visible").evaluate_all(LABELS)
        assert len(chips) == len(labels) - hidden
        assert chips[-1] == "Top-k"  # which aims at sparsity, and stands below the line
    assert hidden > 0
    button.click()
    visible_labels = page.locator(".chips [data-solver]:visible").evaluate_all(LABELS)
    assert sorted(visible_labels) == sorted(labels)
    items = page.locator(".chips .chip:visible, .chips .other")
    ends = items.evaluate_all("all => all.map(part => part.getBoundingClientRect().right)")
    assert max(ends) <= page.viewport_size["width"]


@pytest.mark.release
def test_the_list_of_the_others_has_groups_with_years_and_stays_while_one_chooses(
    visit, with_guests
):
    page = visit(link(with_guests, "compare", ("ISTA",), data="digits"))
    ready(page)
    paper = [style.label(name) for name in solvers.NAMES if solvers.family(name) == "paper"]
    chips = page.locator(".chips .row > .chip > [data-solver]")
    assert chips.evaluate_all(LABELS) == paper  # no guest, and none of the others
    page.locator("[data-rest]").click()
    listed = page.get_by_role("dialog", name="More solvers")
    greedy, yours = (
        listed.locator(f"section[aria-label='{title}']") for title in ("Greedy", "Yours")
    )
    assert greedy.get_by_role("button").evaluate_all(LABELS) == ["OMP", "IHT"]
    assert "1993" in greedy.inner_text() and "One more atom an iteration" in greedy.inner_text()
    assert sorted(yours.get_by_role("button").evaluate_all(LABELS)) == sorted(
        [*GUESTS.values(), "Overcomplete ISTA"]
    )
    greedy.get_by_role("button", name="OMP").click()
    page.wait_for_url("**solvers=OMP*")
    expect(greedy.get_by_role("button", name="OMP")).to_have_attribute("aria-pressed", "true")
    expect(chips.last).to_contain_text("OMP")
    page.keyboard.press("Escape")
    assert listed.count() == 0
    chips.last.click()  # its chip stays, so that one more click brings it back
    page.wait_for_url(lambda url: "OMP" not in url)
    expect(chips.last).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_chooses_solvers_and_variants(visit, with_guests):
    page = visit(link(with_guests, "compare", ("ISTA", "SLSTM"), data="digits"))
    ready(page)
    chip(page, "ISTA").focus()
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "FISTA"
    page.keyboard.press("Space")
    page.wait_for_url("**solvers=FISTA*")
    assert (
        chip(page, "FISTA").get_attribute("aria-pressed") == "true"
        and page.evaluate(FOCUSED) == "FISTA"
    )
    chip(page, "SLSTM").focus()
    page.keyboard.press("ArrowDown")
    items = page.get_by_role("menuitemcheckbox")
    assert items.count() >= 2 and page.evaluate(FOCUSED) == items.first.inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.wait_for_url("**SLSTM+%28*")
    expect(items.nth(1)).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")
    assert page.get_by_role("menu").count() == 0 and page.evaluate(FOCUSED) == "Variants of SLSTM"


@pytest.mark.release
def test_a_menu_is_whole_inside_the_window(visit, with_guests):
    page = visit(
        link(with_guests, "compare", ("ISTA", "SLSTM", "Firm ISTA"), data="digits"), height=700
    )
    ready(page)
    for width, label in itertools.product((1280, 390), ("SLSTM", "Firm ISTA")):
        page.set_viewport_size({"width": width, "height": 700})
        page.get_by_role("button", name=f"Variants of {label}").click()
        menu = page.get_by_role("menu", name=f"Variants of {label}")
        box = menu.bounding_box()
        assert (
            box["x"] >= 0
            and box["x"] + box["width"] <= width
            and box["y"] >= 0
            and box["y"] + box["height"] <= 700
        )
        for item in menu.get_by_role("button").or_(menu.locator("[role^=menuitem]")).all():
            item.click(trial=True)  # nothing lies over it
        page.mouse.click(width / 2, 5)
        assert page.get_by_role("menu").count() == 0


def test_an_untrained_network_is_trained_a_click_away(visit, with_guests):
    page = visit(link(with_guests, "compare", ("TISTA",), data="digits"))
    ready(page)
    assert "untrained" in chip(page, "TISTA").inner_text()
    assert chip(page, "TISTA").get_attribute("aria-description") == "untrained: equals ISTA"
    page.get_by_role("button", name="Variants of TISTA").click()
    page.get_by_role("menuitem", name="Train it live").click()
    page.get_by_role("heading", name="Train live").wait_for()
    page.wait_for_url("**trainee=TISTA*")
    assert page.get_by_role("combobox", name="Network").input_value() == "TISTA"


@pytest.mark.release
def test_what_the_dictionary_does_not_suit_is_disabled_and_what_failed_is_named(visit, with_guests):
    page = visit(link(with_guests, "compare", ("ISTA",), data="mnist-5k"))
    ready(page)
    page.locator("[data-rest]").click()
    unsuitable = chip(page, "Overcomplete ISTA")
    expect(unsuitable).to_be_disabled()  # as soon as the server has tried it
    assert (
        "784 > 100" in unsuitable.get_attribute("title") and "784 > 100" in unsuitable.inner_text()
    )
    for label, reason in (
        ("Overcomplete ISTA", "d_x must be"),
        ("ALISTA", "it needs at least as many atoms as values"),
    ):
        note = chip(page, label).locator("small")
        assert note.inner_text().startswith(
            f"Disabled here: {reason}"
        ) and note.inner_text().endswith(".")
        assert note.evaluate(
            "part => part.scrollHeight <= part.clientHeight + 1"
        )  # no word is cut off
    unsuitable.click(force=True)
    assert unsuitable.get_attribute("aria-pressed") == "false"
    page.get_by_text("broken.py, line 12: RuntimeError: this file is broken on purpose").wait_for()


@pytest.mark.release
@pytest.mark.parametrize("data", ["digits", "rows"])
def test_a_guest_is_live_on_step_through_also_on_data_of_ones_own(visit, with_guests, data):
    frames = Frames()
    chosen = ("ISTA", "Firm ISTA", "Top-k")
    page = visit(link(with_guests, "step", chosen, data=data, lam="0.1", t="6"), watch=frames.of)
    drawn(page, charts=0)
    frames.rest(page)
    numbers = "card => [...card.querySelectorAll('dd')].map(number => number.innerText)"
    guest = page.locator("article[aria-label='Firm ISTA']")
    for slider in (LAMBDA, ITERATION):
        with Drag(page, slider) as drag:
            count, states = frames.rest(page), set()
            for share in np.linspace(0, 1, 10):
                drag.to(share)
                states.add((page.evaluate(SEEN), *guest.evaluate(numbers)))
            assert len(states) >= 8 and len(frames) == count
            drag.to(0.7)
            numbers_at_rest = guest.evaluate(numbers)
        assert frames.rest(page) > count
        drawn(page, charts=0)
        assert guest.evaluate(numbers) == numbers_at_rest  # the server's numbers at that place


@pytest.mark.release
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("gates", "This page shows the solver with gates that was chosen last."),
        ("activations", "The activation of the solver chosen last is replaced."),
    ],
)
def test_a_chosen_chip_that_is_not_shown_says_why(visit, path, reason):
    chip = visit(path).get_by_role("button", name="ISTA", exact=True)
    for text in (chip.get_attribute("title"), chip.get_attribute("aria-description")):
        assert text.startswith(f"Dashed: chosen, but not shown here. {reason}")
