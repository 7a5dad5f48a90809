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
from sc2viz.ui import app, phrases, qr
from sc2viz.ui.tours import reading
from sc2viz.words import _, count, listed, localized, ngettext

CATALOGUES = sorted(path.parts[-3] for path in words.FOLDER.glob("*/LC_MESSAGES/messages.po"))


def forms_of(message: str | tuple[str, ...]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message)


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_catalogue_has_every_message_and_form_and_placeholder(language):
    catalogue = words.catalogue(language)
    entries = {forms_of(entry.id)[0]: entry for entry in catalogue if entry.id}
    translated = {key for key, entry in entries.items() if all(forms_of(entry.string))}
    missing, dropped = sorted({*extracted()} - translated), sorted({*entries} - {*extracted()})
    remedy = "run the commands of CONTRIBUTING, and translate"
    assert len(extracted()) > 400
    assert not missing, f"{len(missing)} have no translation, such as {missing[:9]}: {remedy}"
    assert not dropped, f"{len(dropped)} are no longer said, such as {dropped[:9]}: {remedy}"
    assert not catalogue.fuzzy and not [key for key, entry in entries.items() if entry.fuzzy]
    for key, forms in extracted().items():
        translation = forms_of(entries[key].string)
        assert len(translation) == (1 if len(forms) == 1 else catalogue.num_plurals), key
        singular, others = (sorted(MARKS.findall(entry)) for entry in (forms[0], forms[-1]))
        # Mathematics, placeholders and Markdown stay; one form may leave its number out.
        assert all(sorted(MARKS.findall(entry)) in (singular, others) for entry in translation), (
            key,
            translation,
        )
        assert not re.search(r"[\u4e00-\u9fff][,;!?]", " ".join(translation)), (
            key
        )  # Chinese has marks of its own


def test_every_language_is_offered_and_a_server_may_have_fewer(monkeypatch):
    monkeypatch.setenv("SC2VIZ_LANGUAGES", "")
    assert words.offered() == ("en",) and words.choose_language(["de-AT", "zh"]) == "en"
    monkeypatch.delenv("SC2VIZ_LANGUAGES")
    assert words.offered() == ("en", *CATALOGUES) and {"de", "zh_CN"} <= {*CATALOGUES}
    requested = ["tlh", "zh-TW;q=0.9", "en"], ["de-AT", "zh"], ["EN-us", "de"], [""], ["tlh"]
    assert list(map(words.choose_language, requested)) == ["zh_CN", "de", "en", "en", "en"]


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
        assert phrases.percent(3.14) == localized("3.1\u00a0%") and phrases.format_excess(
            0.001
        ) == localized("< 0.01\u00a0%")
    assert words.language() == "en"


def test_threads_of_two_readers_have_a_language_each():
    def speak(language: str) -> list[str]:
        words.speak(language)
        return [_("Right.") for _turn in range(200)]

    with ThreadPoolExecutor(2) as threads:
        german, english = threads.map(speak, ("de", "en"))
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
    forms = [count(number, "atom")[-2] for number in (1, 2, 5, 21, 22, 112)]
    assert forms == ["0", "1", "2", "2", "1", "2"]  # as Polish counts
    assert ngettext("{n} iteration", "{n} iterations", 3).startswith("3 ítérátíóñš")


def test_forms_without_a_translation_are_english_in_the_browser(pseudo_language, monkeypatch):
    atoms = next(each for each in words.catalogue(pseudo_language) if each.id[:1] == ("{n} atom",))
    assert atoms.id[0] in words.messages_in("atom")
    monkeypatch.setattr(atoms, "string", ("", "", ""))
    assert atoms.id[0] not in words.messages_in("atom")


def test_no_english_is_left_in_the_pseudo_language(pseudo_language):
    """Of tours, questions, the glossary, what phones are told, and the page of phones."""
    tours, _problems = reading.available()
    texts = [
        *map(_, phrases.GLOSSARY.values()),
        *(_(about["question"]) for about in app.TABLE.values()),
    ]
    for tour in tours.values():
        texts += [_(text) for step in tour.steps for text in (step.sentence, step.attempt)]
    room = Rooms().open()
    question = tours["ten-minutes"].steps[1].question
    room.ask("key", question, Truth(0, ""))
    message = room.for_phone("a phone")
    texts += [
        message["words"],
        *message["choices"],
        qr.for_phones("http://localhost:1/")[1],
    ]
    assert len(texts) > 100 and all(text.startswith("[") for text in texts if SENTENCE.search(text))
    assert not english(" ".join(texts)) - {"localhost", "Lasso", "Table", "Wang", "al"}
    html, policy = join.page(pseudo_language)
    assert '<html lang="pl">' in html and "Áñšwér á qúéštíóñ" in html
    script = modules.bare(modules.joined(modules.FOLDER / "join.js"))
    used = set(re.findall(r'\b_\(\s*"([^"]*)"', script))
    assert len(used) > 25 and all(
        pseudo(used_text) in html for used_text in used
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
        message = SimpleNamespace(**room.for_phone("a phone"))
    assert message.words.startswith("Wie viele Atome braucht ein Bild") and message.unit == "Atome"
    assert room.for_phone("another")["words"] == question.text


def test_the_menu_names_each_language_as_its_catalogue_does():
    names = []
    for language in words.offered():
        with words.speaking(language):
            names.append(words._("English"))
    assert [words.own_name(language) for language in words.offered()] == names and len(
        set(names)
    ) == len(names) > 1
