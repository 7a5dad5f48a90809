"""Every page at 1280×720, opened once: the words and the answers of its first screen, what it gives away, and how it is for
readers who cannot see it or hold no mouse."""

import re

import pytest
from end_to_end import accessible, downloading, first_screens
from end_to_end.accessible import Keys, changed, focused

from sc2viz.ui.app import TITLES, WITHOUT_T
from sc2viz.ui.sidebar import ALONE

pytestmark = pytest.mark.browser

MOST = 80
SHIFT = 0.1  # how far a page may move what is seen while it opens, by the measure of browsers
STILL = 0.01  # how far it may do so later
# The texts of the main area that stand on the first screen, at least half of them: what is drawn in one block, without
# controls, tables, charts and what is only for screen readers.
TEXTS = """() => {
  const apart = "button, a, label, table, svg, nav, dl, summary, figure, h1, h2, h3, .katex, .js-plotly-plot, input";
  const blocks = "p, li, small, figcaption, div, td";
  const found = new Map();
  const all = document.createTreeWalker(document.querySelector(".stMain"), NodeFilter.SHOW_TEXT);
  const roots = [all, ...[...document.querySelectorAll(".stMain *")].filter((each) => each.shadowRoot)
    .map((each) => document.createTreeWalker(each.shadowRoot, NodeFilter.SHOW_TEXT))];
  for (const texts of roots)
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const parent = text.parentElement;
      if (!parent || parent.closest(`${apart}, style, script, [aria-hidden=true], details:not([open])`)) continue;
      if (!parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const box = range.getBoundingClientRect();
      if (!box.width || box.top >= innerHeight || box.bottom <= 0 || box.width < 2) continue;
      const block = parent.closest(blocks);
      found.set(block, `${found.get(block) ?? ""}${text.textContent}`);
    }
  return [...found.values()];
}"""


def words(texts: list[str]) -> int:
    """The words of those texts that are sentences: that end in a full stop, a question mark or a colon, or have seven words
    and more. Numbers and signs are no words."""
    count = 0
    for text in texts:
        mine = re.findall(r"[^\W\d_]{2,}(?:[’'-][^\W\d_]+)*|\b[aAI]\b", text)
        if re.search(r"[.?!:]\W*$", text.strip()) and len(mine) > 2 or len(mine) >= 7:
            count += len(mine)
    return count


PLAY = ":is(.st-key-train-keys .st-key-play button:enabled, .st-key-film-learn button, .scrubber .play, .adder .play, .sc-play)"


@pytest.fixture(scope="module", params=TITLES)
def opened(request, stay):
    """A page and its path."""
    page = stay(
        request.param,
        height=720,
        watch=lambda page: page.add_init_script(f"({accessible.SHIFTS})()"),
    )
    if "Play" in LINKS.get(request.param, ""):
        page.locator(PLAY).locator(
            "visible=true"
        ).first.wait_for()  # a part that does not play hides its button
    settled(page)
    yield page, request.param
    page.goto("about:blank")  # it takes no time of the pages after it


def settled(page) -> None:
    page.wait_for_function(
        "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"
    )
    page.wait_for_timeout(500)


@pytest.mark.release
def test_little_moves_while_a_page_opens(opened):
    page, _ = opened
    shift_styled, shift_unstyled = page.evaluate("[window.shifted, window.unstyled]")
    assert shift_styled + shift_unstyled <= SHIFT, (
        f"{shift_unstyled} before the style sheet, {shift_styled} after it"
    )


@pytest.mark.release
@pytest.mark.parametrize("path", TITLES)
def test_little_moves_while_a_page_opens_for_a_projector(visit, path):
    page = visit(
        f"{path}?present=true",
        height=720,
        watch=lambda page: page.add_init_script(f"({accessible.SHIFTS})()"),
    )
    settled(page)
    page.wait_for_timeout(1500)  # what is drawn in the browser
    shift_styled, shift_unstyled = page.evaluate("[window.shifted, window.unstyled]")
    assert shift_styled + shift_unstyled <= SHIFT, (
        f"{shift_unstyled} before the style sheet, {shift_styled} after it"
    )


@pytest.mark.everyday("compare")
def test_a_first_screen_has_few_words(opened):
    texts = opened[0].evaluate(TEXTS)
    assert words(texts) <= MOST, texts


@pytest.mark.everyday("compare")
def test_a_page_has_its_own_title(opened):
    page, path = opened
    assert page.title() == f"{TITLES[path]} · sc2viz"


@pytest.mark.everyday("compare")
def test_the_answer_is_on_a_lower_first_screen(opened):
    page, path = opened
    if path not in first_screens.ANSWERS:  # test_first_screens has it, with small pictures
        return
    page.set_viewport_size({"width": 1280, "height": 600})
    first_screens.check(
        page, first_screens.ANSWERS[path], first_screens.SLIDERS.get(path, ("λ", "T"))
    )
    page.set_viewport_size({"width": 1280, "height": 720})


@pytest.mark.everyday("compare")
def test_nothing_overflows(opened, fits, widths):
    """Neither the page nor a row of buttons is wider than its place."""
    page, _ = opened
    for _ in widths(page):
        fits(page)
        all_fit = "all => all.every(each => each.scrollWidth <= each.clientWidth)"
        assert page.locator(".stMain .stButtonGroup > *").evaluate_all(all_fit)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(color_scheme="light")
    settled(page)


# Buttons in which words are nearer than 6 px to the edge, on either side
TIGHT = """() => [...document.querySelectorAll(".stMain button")].filter((each) => {
  const words = [...each.querySelectorAll("p")].filter((word) => word.parentElement.offsetWidth > 1);
  if (!words.length) return false;
  const { left, right } = each.getBoundingClientRect();
  const boxes = words.map((word) => word.getBoundingClientRect());
  return getComputedStyle(each).borderStyle !== "none" && boxes.some((box) => box.left < left + 6 || box.right > right - 6);
}).map((each) => each.textContent)"""


@pytest.mark.everyday("compare")
def test_words_keep_clear_of_the_edges_of_buttons(opened):
    page, _ = opened
    for width in (1366, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        settled(page)
        assert not page.evaluate(TIGHT)


@pytest.mark.everyday("compare")
def test_axe_finds_nothing_of_ours(opened):
    page, _ = opened
    violations = accessible.violations(page) + accessible.pale(page)
    page.emulate_media(color_scheme="dark")
    settled(page)
    violations += accessible.violations(page, only=("color-contrast",)) + accessible.pale(page)
    page.emulate_media(color_scheme="light")
    assert not violations


@pytest.mark.everyday("compare")
def test_every_download_starts_and_is_what_its_name_says(opened):
    page, path = opened
    downloading.check_all(page, path)
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('[data-testid=stPopoverBody]')")


LINKS = {  # behind the titles of pages
    "welcome": "Play Sliders",
    "compare": "Sliders Solvers",
    "step": "Play Sliders Solvers",
    "lambda": "Sliders Solvers",
    "gates": "Sliders Solvers",
    "activations": "Sliders Solvers",
    "train": "Play Sliders",
    "photograph": "Sliders Answers",
    "codes": "Play Sliders Solvers",
    "dictionary": "Play Sliders",
    "autoencoders": "Sliders",
    "paper": "",
}
CHANGES = {  # what a key changes that is pressed on the first control behind a link, as it is read there
    "Play": ("Enter", "at.ariaLabel ?? at.textContent"),
    "Sliders": ("ArrowRight", "at.ariaValueText"),
    "Solvers": ("Enter", "location.search"),
    "Answers": ("Enter", "at.ariaPressed"),
}


POPOVER = "[data-testid=stPopoverBody]"


@pytest.mark.everyday("compare")
def test_keys_alone_reach_everything(opened):
    page, path = opened
    keys = Keys(page)
    settled(page)
    page.keyboard.press("Tab")  # which finds out what links the page has
    links = page.locator(".reach a:not([hidden])").all_text_contents()
    assert links == LINKS.get(path, "Sliders").split()
    for link in reversed(links):  # what is computed anew comes last
        keys.by(link)
        if (path, link) == ("step", "Solvers"):  # the first one is the only one that is chosen
            page.keyboard.press("Tab")
        key, asks = CHANGES[link]
        position = focused(page, asks)
        page.keyboard.press(key)
        if link != "Answers":
            changed(page, asks, position)  # a server may answer late
        settled(page)
        assert focused(page, asks) != position or link == "Answers", link
        if link == "Play" and "Pause" in str(focused(page, asks)):
            page.keyboard.press("Enter")
    if path not in (*ALONE, *WITHOUT_T):
        keys.by("Sliders").to("at.ariaLabel?.startsWith('T,')")
    for name in page.locator(".st-key-head [data-testid=stPopoverButton]").all_text_contents():
        opener = f"at.dataset.testid === 'stPopoverButton' && at.textContent === {name!r}"
        keys.start().to(opener)
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.closest('[data-testid=stPopoverBody]')")
        assert focused(
            page,
            "at.dataset.testid === 'stPopoverBody' || at.closest('[data-testid=stPopoverBody]').tabIndex < 0",
        )
        page.keyboard.press("Escape")
        page.wait_for_function("!document.querySelector('[data-testid=stPopoverBody]')")
        assert focused(page, opener)


@pytest.mark.release
def test_the_focus_is_seen(opened):
    page, _ = opened
    settled(page)
    assert not accessible.unseen(page, 45)


@pytest.mark.release
def test_a_slider_of_streamlit_shows_its_number_and_its_focus(visit):
    page = visit("photograph?do=inpaint&lost=random")
    page.get_by_test_id("stSlider").wait_for()
    settled(page)
    assert not accessible.pale(page) + accessible.unseen(page, 45)


@pytest.mark.release
def test_nothing_moves_while_a_page_plays_and_after_a_slider_is_let_go(opened):
    page, path = opened
    settled(page)
    moved = "window.shifted - window.reworded"  # without words of a sentence that changes
    shift_before = page.evaluate(moved)
    if "Play" in LINKS.get(path, ""):
        page.locator(PLAY).locator("visible=true").first.click()
        page.wait_for_timeout(10_000)
    sliders = page.locator(".stSidebar input[type=range]")
    for k in range(sliders.count()):
        sliders.nth(k).press("ArrowLeft")
        settled(page)
    assert page.evaluate(moved) - shift_before <= STILL


@pytest.mark.release
def test_keys_alone_take_a_file_away(opened):
    page, _ = opened
    settled(page)
    keys = Keys(page).start().to("at.closest('.st-key-menu')")
    page.keyboard.press("Enter")
    page.get_by_role("menu").wait_for()
    page.wait_for_function("document.activeElement.closest('[role=menu]')")
    entries = page.get_by_role("menuitem").all_inner_texts()
    for entry in entries[1 : entries.index("Take away") + 1]:  # the first one has the focus
        page.keyboard.press("ArrowDown")
        page.wait_for_function("text => document.activeElement.innerText === text", arg=entry)
    page.keyboard.press("Enter")
    page.locator("[class*='st-key-get-'] button").first.wait_for()
    page.wait_for_function("document.activeElement.closest('[role=dialog]')")
    keys.to("at.closest('[class*=st-key-get-]')")
    with page.expect_download() as came:
        page.keyboard.press("Enter")
    assert came.value.path().stat().st_size
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")


@pytest.mark.release
def test_what_plays_is_said_once_when_it_rests(opened):
    page, path = opened
    if "Play" not in LINKS.get(path, ""):
        return
    page.emulate_media(reduced_motion="no-preference")
    Keys(page).by("Play")
    accessible.play_and_rest(page, most=4 if path == "step" else 1)  # there each phase says itself


PAPER = 703  # px that A4 is wide between its margins
CUT = """wide => ["katex-display", "js-plotly-plot", "sc-card", "sc-answer", "sc-diagram", "stTable"]
    .flatMap(name => [...document.querySelectorAll(`.stMain .${name}`)])
    .filter(each => each.checkVisibility() && each.getBoundingClientRect().width)
    .filter(each => each.getBoundingClientRect().right > wide + 1 || each.scrollWidth > each.clientWidth + 1)
    .map(each => `${each.className} ${each.textContent.slice(0, 60)}`)"""


@pytest.mark.release
def test_nothing_is_cut_on_paper(opened):
    page, _ = opened
    settled(page)
    page.set_viewport_size({"width": PAPER, "height": 1000})
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.wait_for_timeout(1000)
    cut = page.evaluate(CUT, PAPER)
    hidden = (
        not page.locator(".stSidebar, .stAppHeader, .stPopover").locator("visible=true").count()
    )
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 720})
    assert hidden and not cut
