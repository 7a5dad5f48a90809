"""Words in every language: what a catalogue must have, and in which language a reader reads."""

import re
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from pseudo import LANGUAGE, MARKS, SENTENCE, english, extracted, pseudo, write

from sc2viz import words
from sc2viz.browser import join, modules
from sc2viz.classroom.question import Question, Truth
from sc2viz.classroom.rooms import Rooms
from sc2viz.ui import app, phrases, qr, url
from sc2viz.ui.tours import reading
from sc2viz.words import _, count, listed, localized, ngettext

CATALOGUES = sorted(path.parts[-3] for path in words.FOLDER.glob("*/LC_MESSAGES/messages.po"))


def forms_of(said: str | tuple[str, ...]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_catalogue_has_every_message_and_form_and_placeholder(language):
    catalogue = words.catalogue(language)
    told = {forms_of(each.id)[0]: each for each in catalogue if each.id}
    assert len(extracted()) > 400 and not {*extracted()} - {*told}, (
        "run the commands of CONTRIBUTING, and translate"
    )
    assert not {*told} - {*extracted()}, (
        "these messages are no longer said: run the commands of CONTRIBUTING"
    )
    assert not catalogue.fuzzy and not [key for key, each in told.items() if each.fuzzy]
    for key, forms in extracted().items():
        said = forms_of(told[key].string)
        assert len(said) == (1 if len(forms) == 1 else catalogue.num_plurals) and all(said), key
        one, others = (sorted(MARKS.findall(each)) for each in (forms[0], forms[-1]))
        # Mathematics, placeholders and Markdown stay; one form may leave its number out.
        assert all(sorted(MARKS.findall(each)) in (one, others) for each in said), (key, said)
        assert not re.search(r"[\u4e00-\u9fff][,;!?]", " ".join(said)), (
            key
        )  # Chinese has marks of its own


def test_every_language_is_offered_and_a_server_may_have_fewer(monkeypatch):
    monkeypatch.setenv("SC2VIZ_LANGUAGES", "")
    assert words.offered() == ("en",) and words.meant(["de-AT", "zh"]) == "en"
    monkeypatch.delenv("SC2VIZ_LANGUAGES")
    assert words.offered() == ("en", *CATALOGUES) == ("en", "de", "zh_CN")
    asked = ["fr-FR", "zh-TW;q=0.9", "en"], ["de-AT", "zh"], ["EN-us", "de"], [""], ["fr"]
    assert list(map(words.meant, asked)) == ["zh_CN", "de", "en", "en", "en"]


@pytest.mark.parametrize(
    ("language", "number", "counted", "names"),
    [
        ("en", "1,234.5", "1,200 steps", "a, b and c"),
        ("de", "1.234,5", "1.200 Schritte", "a, b und c"),
        ("zh_CN", "1,234.5", "1,200 步", "a、b 和 c"),
    ],
)
def test_numbers_and_lists_are_those_of_the_language(language, number, counted, names):
    with words.speaking(language):
        assert (localized("1,234.5"), count(1200, "step"), listed(["a", "b", "c"])) == (
            number,
            counted,
            names,
        )
        assert _("{n:,.1f} {said}", n=1234.5, said="1.5") == f"{number} 1.5"
        assert words.of_noun("row", "a {noun} of {n}", n=0.5) == f"a row of {localized('0.5')}"
        assert (count(1, "step") == "1 Schritt") == (language == "de")
        assert phrases.percent(3.14) == localized("3.1\u00a0%") and phrases.above(
            0.001
        ) == localized("< 0.01\u00a0%")
    assert words.language() == "en"


def test_threads_of_two_readers_have_a_language_each():
    def said(language: str) -> list[str]:
        words.speak(language)
        return [_("Right.") for _turn in range(200)]

    with ThreadPoolExecutor(2) as threads:
        german, english = threads.map(said, ("de", "en"))
    assert {*german} == {"Richtig."} and {*english} == {"Right."} and _("Right.") == "Right."


# A language that is made of English: accents, and words that are longer by two fifths ------------------------------------


@pytest.fixture
def pseudo_language(tmp_path, monkeypatch):
    """The pseudo-language, in which the test speaks."""
    monkeypatch.setattr(words, "FOLDER", write(tmp_path))
    monkeypatch.setenv("SC2VIZ_LANGUAGES", LANGUAGE)
    with words.speaking(LANGUAGE):
        yield LANGUAGE


def test_a_form_is_chosen_by_the_number(pseudo_language):
    forms = [count(many, "atom")[-2] for many in (1, 2, 5, 21, 22, 112)]
    assert forms == ["0", "1", "2", "2", "1", "2"]  # as Polish counts
    assert ngettext("{n} iteration", "{n} iterations", 3).startswith("3 ítérátíóñš")


def test_no_english_is_left_in_the_pseudo_language(pseudo_language):
    """Of tours, questions, the glossary, what phones are told, and the page of phones."""
    tours, _problems = reading.available(tuple(app.TITLES), tuple(url.TABLE))
    told = [
        *map(_, phrases.GLOSSARY.values()),
        *(_(about["question"]) for about in app.TABLE.values()),
    ]
    for tour in tours.values():
        told += [_(text) for step in tour.steps for text in (step.say, step.attempt)]
    room = Rooms().open()
    asked = tours["ten-minutes"].steps[1].asks.question
    room.ask("key", asked, Truth(0, ""))
    said = room.for_phone("a phone")
    told += [said["words"], *said["choices"], qr.for_phones("http://localhost:1/", None, None)[1]]
    assert len(told) > 100 and all(text.startswith("[") for text in told if SENTENCE.search(text))
    assert not english(" ".join(told)) - {"localhost", "Lasso", "Table", "Wang", "al"}
    html, policy = join.page(pseudo_language)
    assert '<html lang="pl">' in html and "Áñšwér á qúéštíóñ" in html
    script = modules.bare(modules.joined(modules.FOLDER / "join.js"))
    used = set(re.findall(r'\b_\(\s*"([^"]*)"', script))
    assert len(used) > 25 and all(
        pseudo(each) in html for each in used
    )  # the page has all the messages that it says


def test_question_and_answer_are_in_the_phones_language():
    rooms = Rooms()
    room = rooms.open()
    question = Question(
        "How many atoms does a picture of the strip need on average at this λ?",
        low=0,
        high=9,
        step=1,
        unit="atoms",
    )
    room.ask("key", question, Truth(3, "because"))
    with words.speaking("de"):
        said = SimpleNamespace(**room.for_phone("a phone"))
    assert said.words.startswith("Wie viele Atome braucht ein Bild") and said.unit == "Atome"
    assert room.for_phone("another")["words"] == question.words


def test_a_link_chooses_the_language_of_the_app(open_page, monkeypatch):
    monkeypatch.setenv("SC2VIZ_LANGUAGES", "de")
    tour = reading.available(tuple(app.TITLES), tuple(url.TABLE))[0]["ten-minutes"]
    page = open_page("welcome", tour="ten-minutes", step="3", lang="de")
    html = "".join(element.proto.body for element in page.get("html"))
    assert "Sparse Coding in zehn Minuten" in html and "Zuerst eine Schätzung." in html
    with words.speaking("de"):  # AppTest makes labels of values in the test's own thread
        page.button(key="tour-next").click().run()
    shown = "".join(element.proto.body for element in page.get("html"))
    assert "macht viele Gewichte exakt null" in shown and tour.steps[2].say not in shown
    with words.speaking("de"):
        page.button(key="tour-next").click().run()
    assert page.query_params["lang"] == "de" and page.query_params["step"] == "4"


def test_a_view_keeps_its_choices_when_its_language_changes(open_page):
    german = open_page(
        "step", data="digits", shows="steps", dictionary="shipped, 100 atoms", lang="de", T="2"
    )
    assert "Verfahren" in [title.value for title in german.title]  # an old link, with English words
    shows = german.segmented_control(key="shows")
    assert (
        list(shows.options)[:2] == ["eine Iteration", "ISTA bis LSTM"]
        and german.session_state["shows"] == "iterations"
    )
    with words.speaking("de"):
        german.selectbox(key="language").select("zh_CN").run()
    assert (
        "求解器" in [title.value for title in german.title]
        and german.query_params["lang"] == "zh_CN"
    )
    assert german.session_state["shows"] == "iterations" and not german.toast
    english = open_page(
        "step",
        data="digits",
        shows="Schritte",
        dictionary="mitgeliefert, 100 Atome",
        lang="en",
        T="2",
    )
    assert "Solvers" in [title.value for title in english.title] and not english.toast
    assert (
        english.session_state["dictionary"] == "digits"
        and english.session_state["shows"] == "iterations"
    )


def test_the_menu_names_each_language_as_its_catalogue_does():
    names = []
    for each in words.offered():
        with words.speaking(each):
            names.append(words._("English"))
    assert [words.own_name(each) for each in words.offered()] == names and len(set(names)) == len(
        names
    ) > 1
