"""A link is a view: what a reader set up opens for another, and solvers outlive a change of page."""

import pytest

from sc2viz.lab.bench.browser import turn_to

pytestmark = pytest.mark.browser

# What a reader sees of each page: an element, and what of it; times are left out, for they differ from run to run.
SEEN = {
    "compare": (
        ".stMain",
        """main => [...main.querySelectorAll('.sc-card')].map(card =>
        [card.querySelector('figcaption').innerText, card.querySelector('.sc-headline').innerText,
         ...[...card.querySelectorAll('canvas')].map(canvas => canvas.toDataURL())])""",
    ),
    "step": (
        ".scrubber",
        """scrubber => [scrubber.dataset.at, scrubber.querySelector('.caption').innerText,
        ...[...scrubber.querySelectorAll('article canvas')].map(canvas => canvas.toDataURL())]""",
    ),
    "gates": (
        ".stMain",
        """main => [main.querySelector('.st-key-caption')?.innerText,
        main.querySelector('.st-key-slow-motion annotation')?.textContent]""",
    ),
    "lambda": (
        ".stMain",
        """main => [main.querySelector('.st-key-caption')?.innerText,
        ...[...main.querySelectorAll('.js-plotly-plot')].map(plot => JSON.stringify(plot.data))]""",
    ),
}


def settled(page, path: str):
    """What the page shows once the server is done and nothing changes any more."""
    root, expression = SEEN[path]
    previous, alike = None, 0
    for _ in range(150):
        page.wait_for_timeout(200)
        current = page.locator(root).evaluate(expression)
        running = page.locator("[data-testid=stStatusWidget], [data-stale=true]").count()
        alike = (
            alike + 1
            if current == previous and not running and len(current) > 1 and current[1]
            else 0
        )
        if alike == 2:
            return current
        previous = current
    raise AssertionError(f"{path} never came to rest")


def set_up(page, path: str) -> None:
    """What a reader may do there, beside the bench."""
    if path == "step":
        page.get_by_role("slider", name="iteration", exact=True).press("ArrowRight")
        page.wait_for_url("**t=6*")
    elif path == "gates":
        page.locator(".st-key-atom input").fill("7")
        page.locator(".st-key-atom input").press("Enter")
        page.wait_for_url("**atom=*")
    else:
        page.get_by_role("radio", name="one picture").click()
        page.wait_for_url("**layout=one*")


@pytest.mark.everyday("compare")
@pytest.mark.parametrize("path", SEEN)
def test_a_shared_address_shows_the_same_view_in_a_new_session(visit, path):
    shows = "&shows=iterations" if path == "step" else ""
    page = visit(f"{path}?data=digits{shows}")
    opened = settled(page, path)
    page.get_by_test_id("stSidebar").get_by_role("radio").nth(5).click()
    page.wait_for_url("**picture=5*")
    page.get_by_role("slider", name="λ, the price of the code").press("ArrowLeft")
    page.wait_for_url("**lam=0.46*")
    set_up(page, path)
    state = settled(page, path)
    assert state != opened
    second_page = visit(page.url.split("/", 3)[3])
    assert settled(second_page, path) == state
    address = page.url.replace("&shows=all+iterations", "")  # `t` says it, too
    assert second_page.url == address and second_page.locator(".stToast").count() == 0


def test_solvers_of_a_link_outlive_a_change_of_page(visit):
    page = visit("compare?data=digits&solvers=FISTA&solvers=OMP")
    page.wait_for_selector(".board canvas")
    turn_to(page, "Why zeros")
    page.wait_for_url("**/lambda?**solvers=FISTA&solvers=OMP*")
    page.get_by_text("Doubling λ").first.wait_for()
    for name, chosen in (("ISTA", "false"), ("FISTA", "true"), ("OMP", "true"), ("SLSTM", "false")):
        assert (
            page.get_by_role("button", name=name, exact=True).get_attribute("aria-pressed")
            == chosen
        )


def test_an_earlier_link_to_two_alike_atoms_keeps_its_view_in_the_address(visit):
    page = visit("dictionary?data=digits&part=alike")
    page.wait_for_url("**part=all+atoms*more=true*")
    page.locator(".st-key-two-alike").wait_for()
