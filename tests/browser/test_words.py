"""How many words of sentences a reader meets on the first screen of a page: at 1280×720, in the main area."""

import re

import pytest

from sc2viz.ui.app import TITLES

pytestmark = pytest.mark.browser

MOST = 80
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


def test_words_counts_sentences_alone():
    assert words(["ISTA", "above the optimum", "12.5 %", "Error |x − Bs|"]) == 0
    assert words(["A picture is a sum of 12 atoms.", "On this page", "Why?"]) == 7


@pytest.mark.parametrize("path", TITLES)
def test_a_first_screen_has_few_words(visit, path):
    page = visit(path, height=720)
    page.wait_for_function("!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')")
    page.wait_for_timeout(500)
    texts = page.evaluate(TEXTS)
    assert words(texts) <= MOST, texts
