"""Where the keys of a clicker lead."""

from sc2viz.ui import app, present


def test_a_clicker_goes_through_all_pages_and_back():
    pages = list(app.TITLES)
    there = [pages[0]]
    while to := present.beside(there[-1], pages)["after"]:
        there.append(to)
    back = [there[-1]]
    while to := present.beside(back[-1], pages)["before"]:
        back.append(to)
    assert there == pages == back[::-1]
