"""A class in browsers: a lecturer who brings a tour that asks, and two phones."""

import re
from contextlib import ExitStack

import pytest
from end_to_end import accessible

pytestmark = pytest.mark.browser
RESTS = "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"
TOUR = """title = "A class answers"
[[step]]
view = "lambda?data=digits&picture=3&lam=0.1"
say = "Say this."
ask = "How many atoms does it use?"
choices = ["all 100", "about ten", "none"]
at = [100, 10, 0]
truth = "atoms"
[[step]]
view = "lambda?data=digits&picture=3&lam=0.2"
say = "Say that."
ask = "How many now?"
low = 0
high = 60
step = 1
unit = "atoms"
truth = "atoms"
[[step]]
view = "dictionary?data=digits"
say = "No question."
"""


class Hall:
    """A lecturer and phones, each in a browser of its own."""

    def __init__(self, chromium, address, opened, theme="light", query="", width=1280):
        self.chromium, self.address, self.opened, self.theme = chromium, address, opened, theme
        self.complaints = []
        self.lecturer = self.tab({"width": width, "height": 720})
        self.lecturer.goto(f"{address}/welcome?data=digits{query}")
        self.lecturer.get_by_role("button", name="More tours").click()
        file = {"name": "asks.toml", "mimeType": "application/toml", "buffer": TOUR.encode()}
        self.lecturer.get_by_test_id("stFileUploaderDropzoneInput").last.set_input_files(file)
        self.lecturer.get_by_role("button", name="A class answers").click()
        self.lecturer.get_by_role("button", name="Ask the class").click()
        self.code = self.lecturer.locator(".invite .code").inner_text()

    def tab(self, size):
        context = self.chromium.new_context(viewport=size, color_scheme=self.theme, reduced_motion="reduce")
        self.opened.callback(context.close)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        return page

    def phone(self, typed: bool = False):
        page = self.tab({"width": 390, "height": 844})
        page.goto(f"{self.address}/join" + ("" if typed else f"?room={self.code}"))
        if typed:
            page.get_by_role("textbox").fill(f" {self.code.lower()} ")
            page.get_by_role("button", name="Join").click()
        return page

    def says(self, text: str) -> None:
        self.lecturer.locator(".class .said", has_text=text).wait_for()


@pytest.fixture
def hall(chromium, address):
    with ExitStack() as opened:
        halls = []

        def enter(**look) -> Hall:
            halls.append(Hall(chromium, address, opened, **look))
            return halls[-1]

        yield enter
        # Streamlit looks for its health and host-config under the page's own path before the right one.
        assert not [said for each in halls for said in each.complaints if "404" not in said]


def send(phone, answer: str | int) -> None:
    if isinstance(answer, int):
        phone.get_by_role("slider").fill(str(answer))
    else:
        phone.get_by_label(answer).check()
    phone.get_by_role("button", name=re.compile("Send|Change")).click()
    phone.get_by_text("Your answer has arrived.").wait_for()


def counts(page) -> list[str]:
    """What the bars say: of each choice and round, the share and the number."""
    return page.locator(".bars span").all_inner_texts()


def test_a_class_answers_discusses_and_follows(hall):
    room = hall()
    lecturer, one, two = room.lecturer, room.phone(typed=True), room.phone()
    lecturer.keyboard.press("Escape")  # closes what showed the code
    send(one, "all 100")
    send(two, "about ten")
    send(one, "none")  # an answer may be changed
    room.says("Answers: 2 · Phones: 2")
    assert lecturer.locator(".bars").count() == one.locator(".bars").count() == 0

    lecturer.get_by_role("button", name="Reveal").click()
    one.get_by_text("Your answer is not right.").wait_for()
    two.get_by_text("Your answer is right.").wait_for()
    shares = ["0 · 0 %", "1 · 50 %", "1 · 50 %"]
    lecturer.locator(".class .bars").wait_for()
    for page in (lecturer, one, two):
        assert [text.replace("\xa0", " ") for text in counts(page)] == shares
        assert page.locator(".bars .right p").inner_text().startswith("about ten")
    assert one.locator(".bars li", has_text="your answer").inner_text().startswith("none")

    lecturer.get_by_role("button", name="Discuss, then ask again").click()
    one.get_by_text("Before the discussion you answered: none").wait_for()
    send(one, "about ten")
    address = two.url
    two.close()
    lecturer.reload()  # the private address keeps control
    room.says("After discussion · Answers: 1 · Phones: 1")
    lecturer.keyboard.press("b")
    one.get_by_text("Your answer is right.").wait_for()
    rounds = ["before 0 · 0 %", "after 0 · 0 %", "before 1 · 50 %", "after 1 · 100 %", "before 1 · 50 %", "after 0 · 0 %"]
    lecturer.locator(".class .bars").wait_for()
    for page in (lecturer, one):
        assert [text.replace("\xa0", " ") for text in counts(page)] == rounds

    lecturer.keyboard.press("PageDown")
    send(one, 30)
    room.says("Answers: 1 · Phones: 1")
    one.reload()  # as after a sleep: its answer is there, and may still be changed
    one.get_by_text("Your answer has arrived.").wait_for()
    assert one.get_by_role("slider").input_value() == "30"
    lecturer.keyboard.press(".")
    one.get_by_text("0 of 1 right. Median: 30 atoms.").wait_for()
    assert address.endswith(room.code) and lecturer.locator(".class .dots").count() == 1
    lecturer.keyboard.press("PageDown")
    one.get_by_text("The question will come here.").wait_for()


@pytest.mark.release
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("query", "width"), [("", 1280), ("&present=true", 1280), ("", 390)])
def test_nobody_is_left_out_and_nothing_is_wider_than_its_window(hall, theme, query, width):
    """At each stage, on the lecturer's page and on a phone: what axe finds, what is wider, and what text overflows at 320 px."""
    room, wrong = hall(theme=theme, query=query, width=width), []

    def look(stage: str) -> None:
        for name, page in (("lecturer", room.lecturer), ("phone", phone)):
            page.wait_for_function(RESTS)
            wrong.extend(f"{stage}, {name}: {each}" for each in accessible.violations(page))
            wide = page.evaluate("(m => m.scrollWidth - m.clientWidth)(document.querySelector('.stMain, main'))")
            wrong.extend([f"{stage}, {name}: {wide} px too wide"] * (wide > 0))

    phone = room.phone(typed=True)
    phone.get_by_role("button", name="Send").wait_for()
    phone.set_viewport_size({"width": 320, "height": 640})
    look("invite")
    room.lecturer.keyboard.press("Escape")
    room.lecturer.locator(".invite").wait_for(state="detached")
    send(phone, "none")
    look("open")
    room.lecturer.get_by_role("button", name="Reveal").click()
    phone.locator(".bars").wait_for()
    look("shown")
    room.lecturer.get_by_role("button", name="Room", exact=True).click()
    room.lecturer.get_by_role("button", name="Close the room").wait_for()
    look("menu")
    room.lecturer.keyboard.press("Escape")
    room.lecturer.keyboard.press("PageDown")
    phone.get_by_role("slider").press("ArrowRight")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    phone.get_by_text("Your answer has arrived.").wait_for()
    room.lecturer.locator(".class .said", has_text="Answers: 1").wait_for()
    look("number")
    room.lecturer.keyboard.press("b")
    phone.locator(".dots").wait_for()
    look("dots")
    assert not wrong, "\n".join(wrong)
