"""A class in browsers: a lecturer with the tour of ten minutes, whose first step asks for a number, and two phones."""

import re
import shutil
from contextlib import ExitStack, suppress

import numpy as np
import pytest
import torch
from end_to_end import accessible
from end_to_end.test_tours import STRIP, start, uncover
from playwright.sync_api import TimeoutError

from sc2viz import checkpoints, evaluation, lasso
from sc2viz.files import pictures
from sc2viz.lab.bench import browser
from sc2viz.ui.tours import reading
from sc2viz.ui.tours.truths import Sight, solve
from sc2viz.words import count

pytestmark = pytest.mark.browser
TOUR = reading.available()[0]["ten-minutes"]
RESTS = "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"


class Hall:
    """A lecturer and phones, each in a browser of its own."""

    def __init__(self, chromium, address, opened, theme="light", query="", width=1280):
        self.chromium, self.address, self.opened, self.theme = chromium, address, opened, theme
        self.complaints = []
        self.lecturer = self.tab({"width": width, "height": 720})
        self.lecturer.goto(f"{address}/welcome?data=digits{query}")
        self.lecturer.get_by_role("button", name="Sparse coding in ten minutes").click(
            timeout=180_000
        )
        self.lecturer.get_by_role("button", name="Ask the class").click()
        self.code = self.lecturer.locator(".invite .code").inner_text()

    def tab(self, size):
        context = self.chromium.new_context(
            viewport=size, color_scheme=self.theme, reduced_motion="reduce"
        )
        self.opened.callback(context.close)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text) if message.type == "error" else None
            ),
        )
        return page

    def phone(self, typed: bool = False):
        page = self.tab({"width": 390, "height": 844})
        page.goto(f"{self.address}/join" + ("" if typed else f"?room={self.code}"))
        if typed:
            page.get_by_role("textbox").fill(f" {self.code.lower()} ")
            page.get_by_role("button", name="Join").click()
        return page

    def says(self, text: str) -> None:
        self.lecturer.locator(".class .counts", has_text=text).wait_for()


@pytest.fixture
def hall(chromium, address):
    with ExitStack() as opened:
        halls = []

        def enter(**look) -> Hall:
            halls.append(Hall(chromium, address, opened, **look))
            return halls[-1]

        yield enter
        # Streamlit looks for its health and host-config under the page's own path before the right one.
        assert not [
            complaint
            for room_hall in halls
            for complaint in room_hall.complaints
            if "404" not in complaint
        ]


def send(phone, answer: str | int) -> None:
    if isinstance(answer, int):
        phone.get_by_role("slider").fill(str(answer))
    else:
        phone.get_by_label(answer).check()
    phone.get_by_role("button", name=re.compile("Send|Change")).click()
    phone.get_by_text("Your answer has arrived.").wait_for()


def counts(page) -> list[str]:
    """What the bars say of each choice and round: the number, and the share."""
    page.locator(".bars").wait_for()
    return [text.replace("\xa0", " ") for text in page.locator(".bars span").all_inner_texts()]


def fit(lecturer, *selectors: str) -> None:
    """Wait until parts stand one below the other, above the strip with λ; the page is scrolled to them."""
    for _ in range(50):
        boxes = [lecturer.locator(selector).last.bounding_box() for selector in selectors]
        if None not in boxes:  # one that is drawn anew has no box
            tops = [*(box["y"] for box in boxes[1:]), STRIP]
            if all(box["y"] + box["height"] <= top for box, top in zip(boxes, tops, strict=True)):
                return
        lecturer.wait_for_timeout(200)
    raise AssertionError(boxes)


def test_a_class_answers_discusses_and_follows(hall):
    room = hall(query="&present=true")
    lecturer, first, second = room.lecturer, room.phone(typed=True), room.phone()
    lecturer.keyboard.press("Escape")  # closes what showed the code
    send(first, 80)
    send(second, 0)
    send(first, 100)  # an answer may be changed
    room.says("Answers: 2 · Phones: 2")
    assert lecturer.locator(".st-key-question").count() == 1  # the page is covered
    is_loaded = "e => e.complete && e.naturalWidth > 0 && e.checkVisibility()"
    assert first.get_by_alt_text("The picture at hand").evaluate(is_loaded)  # of which it is asked
    assert lecturer.locator(".class .dots").count() == first.locator(".dots").count() == 0
    first.reload()  # as after a sleep: its answer is there, and may still be changed
    first.get_by_text("Your answer has arrived.").wait_for()
    assert first.get_by_role("slider").input_value() == "100"
    lecturer.keyboard.press(".")
    for page in (lecturer, first, second):
        page.get_by_text("0 of 2 right. Median: 50 atoms.").wait_for()
    lecturer.locator(".st-key-question").wait_for(state="detached")
    fit(lecturer, ".class .dots", ".adder canvas.sum")
    over = "document.querySelectorAll('.st-key-adder > .sc-marks .wrong')"  # the answers, over the curve
    lecturer.wait_for_function(f"{over}.length === 2")

    lecturer.keyboard.press("PageDown")
    send(first, "a quarter")
    send(second, "half")
    fit(lecturer, ".tour .say", ".st-key-question .choice", ".adder canvas.sum")
    lecturer.get_by_role("button", name="Reveal").click()
    for page in (lecturer, first, second):
        assert counts(page) == ["1 · 50 %", "1 · 50 %", "0 · 0 %"]
    fit(lecturer, ".tour .say", ".class .bars li", ".adder canvas.sum")
    right = lecturer.locator(".bars .right p").inner_text()
    assert [
        page.locator(".bars .right p").inner_text().startswith(right) for page in (first, second)
    ] == [True, True]
    assert first.locator(".bars li", has_text="your answer").inner_text().startswith("a quarter")

    lecturer.get_by_role("button", name="Discuss, then ask again").click()
    first.get_by_text("Before the discussion you answered: a quarter").wait_for()
    send(first, "half")
    second.close()
    lecturer.reload()  # the private address keeps control
    room.says("After discussion · Answers: 1 · Phones: 1")
    lecturer.keyboard.press("b")
    for page in (lecturer, first):
        assert counts(page) == [
            f"{moment} · {share} %"
            for moment, share in zip(
                ("before 1", "after 0", "before 1", "after 1", "before 0", "after 0"),
                (50, 0, 50, 100, 0, 0),
                strict=True,
            )
        ]
    lecturer.get_by_role("button", name="Room", exact=True).click()
    lecturer.get_by_role("button", name="Close the room").click()
    first.get_by_text("This room is closed.").wait_for()


def draw(phone, *points: tuple[float, float]) -> None:
    """Draw a stroke through places of the phone's canvas, and send it."""
    phone.locator(".pad canvas").scroll_into_view_if_needed()
    box = phone.locator(".pad canvas").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    phone.mouse.move(*places[0])
    phone.mouse.down()
    for place in places[1:]:
        phone.mouse.move(*place, steps=8)
    phone.mouse.up()
    phone.get_by_role("button", name="Send").click()
    phone.get_by_text("Your digit has arrived.").wait_for()


def drawing(phone) -> np.ndarray:
    """What the phone shows of its drawing, (28, 28) uint8."""
    levels = phone.locator(".preview canvas").evaluate(
        "e => [...e.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, k) => k % 4 === 0)"
    )
    return np.array(levels, np.uint8).reshape(28, 28)


def count_atoms(x: np.ndarray, dictionary: str, lam: float) -> str:
    """What the sum says first, by the core."""
    B = checkpoints.load_dictionary(dictionary)
    codes = lasso.solve(torch.from_numpy(x).reshape(1, -1), B, lam, tol=1e-8).codes
    return count(int(evaluation.in_use(codes).sum()), "atom")


@pytest.mark.release
def test_a_class_draws_the_strip_and_each_phone_sees_its_own_drawing_coded(hall):
    room = hall()
    lecturer, first, second = room.lecturer, room.phone(), room.phone()
    lecturer.keyboard.press("Escape")
    lecturer.get_by_role("button", name="Room", exact=True).click()
    lecturer.get_by_role("button", name="Let the class draw").click()
    lecturer.keyboard.press("Escape")
    draw(first, (0.3, 0.2), (0.7, 0.2), (0.45, 0.8))
    second.get_by_label("Or choose a digit").select_option("4")  # for who cannot draw
    second.get_by_role("button", name="Send").click()
    lecturer.get_by_text("2 drawings, 0 shown").wait_for()
    for number in (1, 2):  # a click may come before the server has heard of the one before
        lecturer.get_by_role("button", name=f"Drawing {number}, hidden").click()
    lecturer.get_by_text("2 drawings, 2 shown").wait_for()
    lecturer.get_by_role("button", name="Drawing 2, shown").click()
    lecturer.get_by_text("2 drawings, 1 shown").wait_for()
    lecturer.get_by_role(
        "button", name="Leave"
    ).click()  # pages without a question have the wall, too
    lecturer.get_by_role("button", name="Take the newest 16").click()
    strip = lecturer.locator(".st-key-strip")
    strip.get_by_text("Drawn by the class").wait_for()
    assert strip.get_by_role("radio").count() == 1
    x = drawing(first)
    fit = pictures.from_drawing(x, (8, 8, 1))
    slider = lecturer.get_by_role("slider", name="λ, the price of the code").first
    lecturer.locator('.adder .picture[aria-label="drawing 1 of the class"]').wait_for()
    lecturer.wait_for_function(RESTS)
    for key, lam in (("Home", 0.01), ("End", 1)):
        sentence = f"λ = {lam:g}: {count_atoms(fit, 'digits', lam)},"
        says = lecturer.locator(".adder .says", has_text=sentence)
        for _ in range(3):  # a run that ends just then puts the slider back
            slider.press(key)
            with suppress(TimeoutError):
                says.wait_for(timeout=20_000)
                break
        says.wait_for()
    lecturer.get_by_role("button", name="Close the round").click()
    first.get_by_role("button", name="See your digit as a sum of atoms").click()
    first.get_by_role("slider", name="λ, the price of the code").press("Home")
    sentence = f"λ = 0.01: {count_atoms(x / np.float32(255), 'mnist', 0.01)},"
    first.locator(".adder .says", has_text=sentence).wait_for()
    lecturer.get_by_role("button", name="Back to digits").click()
    strip.get_by_text("Picture").wait_for()
    assert strip.get_by_role("radio").count() == 16


@pytest.mark.release
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("query", "width"), [("", 1280), ("&present=true", 1280), ("", 390)])
def test_nobody_is_left_out_and_nothing_is_wider_than_its_window(hall, theme, query, width):
    """At each stage, on the lecturer's page and on a phone of 320 px: what axe finds, and what is wider."""
    room, wrong = hall(theme=theme, query=query, width=width), []

    def look(stage: str) -> None:
        for name, page in (("lecturer", room.lecturer), ("phone", phone)):
            page.wait_for_function(RESTS)
            wrong.extend(
                f"{stage}, {name}: {violation}" for violation in accessible.violations(page)
            )
            wide = page.evaluate(
                "(m => m.scrollWidth - m.clientWidth)(document.querySelector('.stMain, main'))"
            )
            wrong.extend([f"{stage}, {name}: {wide} px too wide"] * (wide > 0))

    phone = room.phone(typed=True)
    phone.set_viewport_size({"width": 320, "height": 640})
    phone.evaluate(accessible.AXE)  # the page's policy allows no script beside its own
    phone.get_by_role("slider").press("ArrowRight")
    look("invite")
    room.lecturer.keyboard.press("Escape")
    room.lecturer.locator(".invite").wait_for(state="detached")
    phone.get_by_role("slider").press("Tab")
    phone.keyboard.press("Enter")
    phone.get_by_text("Your answer has arrived.").wait_for()
    room.says("Answers: 1")
    look("open")
    room.lecturer.keyboard.press("b")
    phone.locator(".dots").wait_for()
    room.lecturer.locator(".class .dots").wait_for()
    look("dots")
    room.lecturer.keyboard.press("PageDown")
    send(phone, "half")
    room.lecturer.get_by_role("button", name="Reveal").click()
    counts(room.lecturer)
    look("bars")
    room.lecturer.get_by_role("button", name="Room", exact=True).click()
    room.lecturer.get_by_role("button", name="Close the room").wait_for()
    look("menu")
    room.lecturer.get_by_role("button", name="Let the class draw").press("Enter")
    room.lecturer.keyboard.press("Escape")
    phone.get_by_label("Or choose a digit").select_option("8")
    phone.get_by_role("button", name="Send").press("Enter")
    room.lecturer.get_by_role("button", name="Drawing 1, hidden").press("Enter")
    room.lecturer.get_by_text("1 drawing, 1 shown").wait_for()
    look("wall")
    room.lecturer.get_by_role("button", name="Take the newest 16").press("Enter")
    room.lecturer.get_by_role("button", name="Close the round").press("Enter")
    phone.get_by_role("button", name="See your digit as a sum of atoms").press("Enter")
    phone.locator(".adder .says", has_text="λ").wait_for()
    look("sum")
    assert not wrong, "\n".join(wrong)


@pytest.mark.release
@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed")
def test_behind_a_proxy_phones_reach_the_replica_that_has_their_room(chromium):
    """Two whole apps behind the Caddyfile of hosting.md: a lecturer with each, and phones that enter by the proxy."""
    with ExitStack() as opened:
        replicas = [opened.enter_context(browser.server(SC2VIZ_ROOMS=letter))[0] for letter in "BC"]
        proxied, halls = opened.enter_context(browser.proxy(replicas)), {}
        for address in (*replicas, proxied):
            browser.patiently(
                opened.enter_context(chromium.new_page()), f"{address}/_stcore/health"
            )
        for _ in range(12):  # the proxy chooses a replica for each new reader
            hall = Hall(chromium, proxied, opened)
            halls[hall.code[0]] = hall
            if len(halls) == 2:
                break
        assert set(halls) == {"B", "C"}
        for answer, hall in zip((10, 90), halls.values(), strict=True):
            hall.lecturer.keyboard.press("Escape")
            for k in range(3):  # phones, too, are with any replica by their cookies
                send(hall.phone(), answer + k)
            hall.says("Answers: 3 · Phones: 3")
            hall.lecturer.keyboard.press("b")
            hall.lecturer.get_by_text(f"Median: {answer + 1} atoms.").wait_for()


@pytest.mark.release
@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_a_second_window_has_what_the_speaker_reads_and_follows_the_tour(visit, width, theme):
    page = visit("welcome", width=width, theme=theme)
    start(page, "ten-minutes")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Speaker notes").click()
    notes = opened.value
    notes.set_viewport_size({"width": width, "height": 720})
    notes.emulate_media(color_scheme=theme)
    for k in (1, 2):
        step, later = TOUR.steps[k - 1 : k + 1]
        notes.get_by_role("heading", name=step.sentence).wait_for()
        for text in (
            step.attempt,
            step.question.text,
            later.sentence,
            f"{k} of {len(TOUR.steps)}",
        ):
            notes.get_by_text(text).wait_for()
        right = solve(step.question, Sight.from_query(step.answered))
        notes.get_by_text(right.sentence).wait_for()
        assert (
            right.sentence not in page.locator("body").aria_snapshot()
        )  # which the hall does not see
        assert not accessible.violations(notes)
        assert (
            notes.evaluate(
                "(m => m.scrollWidth - m.clientWidth)(document.querySelector('.stMain'))"
            )
            <= 0
        )
        page.bring_to_front()
        uncover(page, step)
        page.keyboard.press("PageDown")
    notes.close()
