"""Rooms of a class, against a model that keeps what the rules say and nothing else."""

import json
import re
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sc2viz.classroom import drawings, rooms
from sc2viz.classroom.question import Question, Truth
from sc2viz.classroom.rooms import Rooms

CHOICES = Question("Which leaves first?", ("ISTA", "FISTA", "neither"))
NUMBER = Question("How many atoms stay?", low=0, high=20, step=1)
MINUTE, HOUR = 60.0, 3600.0


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Classes(RuleBasedStateMachine):
    """One room with up to four phones; the model has the answers of each round by phone, and hands."""

    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.rooms = Rooms(clock=self.clock)
        self.room = self.rooms.open()
        self.heard_at = self.left_at = 0.0
        self.told = {phone: 0 for phone in "abcd"}
        self.inside = {}
        self.key = self.question = self.truth = None
        self.rounds, self.shown, self.closed, self.past = [], False, False, []

    def teardown(self):
        for watched in self.inside.values():
            watched.__exit__(None, None, None)

    @precondition(lambda self: not self.closed)
    @rule(
        key=st.sampled_from(["1", "2"]),
        question=st.sampled_from([CHOICES, NUMBER]),
        truth=st.integers(0, 2),
    )
    def ask(self, key, question, truth):
        self.room.ask(key, question, Truth(truth, "so it is", 0.0))
        if (key, question) != (self.key, self.question):
            self._end()
            self.key, self.question, self.rounds, self.shown = (
                key,
                question,
                [({}, Counter())],
                False,
            )
        if not self.shown:
            self.truth = truth

    @precondition(lambda self: not self.closed)
    @rule()
    def rest(self):
        self.room.let_wait()
        self._end()

    def _end(self):
        if self.rounds:
            self.past.append(
                ([Counter(answers.values()) + hands for answers, hands in self.rounds], self.truth)
            )
        self.key = self.question = None
        self.rounds, self.shown = [], False

    @rule()
    def reveal(self):
        self.room.reveal()
        self.shown = bool(self.rounds)

    @rule()
    def again(self):
        self.room.ask_again()
        if len(self.rounds) == 1:
            self.rounds.append(({}, Counter()))
            self.shown = False

    @rule(counts=st.lists(st.integers(0, 40), min_size=3, max_size=3))
    def hands(self, counts):
        self.room.count_hands(counts)
        if self.rounds:
            self.rounds[-1] = self.rounds[-1][0], Counter(dict(enumerate(counts)))

    @rule(phone=st.sampled_from("abcd"))
    def come_or_go(self, phone):
        if phone in self.inside:
            self.inside.pop(phone).__exit__(None, None, None)
            self.left_at = self.clock.now
        else:
            watched = self.room.watched(
                lambda: self.told.update({phone: self.told[phone] + 1}), phone
            )
            watched.__enter__()
            self.inside[phone] = watched

    @rule(
        phone=st.sampled_from("abcd"),
        late=st.booleans(),
        answer=st.sampled_from(
            [0, 1, 2, 2.0, 3, 0.5, 20, 21, -1, True, None, "1", "<b>", float("nan"), [1]]
        ),
    )
    def answer(self, phone, late, answer):
        state = self.room.for_phone(phone)
        number = (
            [state["number"][0], 3 - state["number"][1]]
            if late and "number" in state
            else state.get("number")
        )
        number_of = type(answer) in (int, float)
        fits = number_of and (
            answer in (0, 1, 2) if self.question is CHOICES else 0 <= answer <= 20
        )
        if self.rounds and not self.shown and not late and phone in self.inside and fits:
            self.room.answer(phone, number, answer)
            self.rounds[-1][0][phone] = answer
        else:
            with pytest.raises(ValueError):
                self.room.answer(phone, number, answer)

    @rule(seconds=st.sampled_from([MINUTE, 19 * MINUTE, HOUR, 1.9 * HOUR]), heard=st.booleans())
    def wait(self, seconds, heard):
        self.clock.now += seconds
        if heard and not self.closed:
            self.room.note_lecturer()
            self.heard_at = self.clock.now
        last = max(self.heard_at, self.left_at)
        gone = self.clock.now > self.heard_at + 2 * HOUR or (
            not self.inside and self.clock.now > last + 20 * MINUTE
        )
        if (self.rooms.find(self.room.code) is None) and not self.closed:
            assert gone
            self.closed = True
            self._end()
            self.past = []
        else:
            assert self.closed or not gone

    @invariant()
    def phones_see_what_they_may(self):
        for phone in "abcd":
            message = self.room.for_phone(phone)
            if not self.rounds:
                assert message == {"stage": "closed" if self.closed else "wait"}
                continue
            assert message["stage"] == ("shown" if self.shown else "open") and message["number"][
                1
            ] == len(self.rounds)
            assert message["own"] == [answers.get(phone) for answers, _ in self.rounds]
            assert ("truth" in message) == ("rounds" in message) == ("why" in message) == self.shown
            if self.shown:
                counts = [Counter(answers.values()) + hands for answers, hands in self.rounds]
                assert [
                    Counter(dict(counts_of_round)) for counts_of_round in message["rounds"]
                ] == counts
                assert message["truth"] == [self.truth, 0.0, []]

    @invariant()
    def the_lecturer_sees_counts(self):
        message = self.room.for_lecturer()
        assert message["phones"] == len(self.inside)
        if self.rounds:
            answers, hands = self.rounds[-1]
            counts = Counter(answers.values()) + hands
            right, all_of_them = counts[self.truth], counts.total()
            assert message["answers"] == all_of_them and ("rounds" in message) == self.shown
            first = len(self.rounds) == 1 and not self.shown
            assert message["split"] == bool(
                first and all_of_them and 0.3 <= right / all_of_them <= 0.7
            )

    @invariant()
    def the_table_has_all_counts(self):
        all_rounds = [*self.past]
        if self.rounds:
            all_rounds.append(
                ([Counter(answers.values()) + hands for answers, hands in self.rounds], self.truth)
            )
        expected = [
            (k, n, answer == truth)
            for rounds_of_one, truth in all_rounds
            for k, counts in enumerate(rounds_of_one, 1)
            for answer, n in sorted(counts.items())
        ]
        assert [(row[2], row[4], row[5]) for row in self.room.table()] == expected


Classes.TestCase.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
TestClasses = Classes.TestCase


def test_phones_can_answer_with_every_truth_that_a_view_has_had():
    room, news = Rooms().open(), []
    with room.watched(lambda: news.append(room.for_phone("a")), "a"):
        room.ask("1", NUMBER, Truth(25, "so it is"))
        room.answer("a", [1, 1], 25)
        room.ask("1", NUMBER, Truth(3, "so it is"))  # λ has moved
        assert news[-1]["range"] == [0, 40, 1] and news[-1]["own"] == [None]
        room.ask("1", NUMBER, Truth(41, "so it is"))
        assert news[-1]["range"] == [0, 80, 1] and news[-1]["own"] == [25]
        room.reveal()
        room.ask("1", NUMBER, Truth(90, "so it is"))
        assert news[-1]["range"] == [0, 80, 1] and news[-1]["truth"][0] == 41


def test_the_strip_takes_sixteen_of_the_drawings_that_are_shown_and_a_round_has_at_most_200():
    round_ = drawings.Drawings(Clock())
    sent = [bytes([k + 1] * drawings.SIDE**2) for k in range(drawings.MOST_DRAWINGS)]
    for k, pixels in enumerate(sent):
        round_.add(f"{k}", pixels)
    with pytest.raises(drawings.Refused, match="which is the most"):
        round_.add("another", sent[0])
    assert round_.choose(at_random=True) == []
    numbers = [number for _, number, _ in round_.wall()["drawings"]]
    round_.show(True, numbers[:30])
    round_.show(False, numbers[29:30])
    assert round_.choose(at_random=False) == sent[13:29]
    chosen = round_.choose(at_random=True)
    assert len(chosen) == 16 and chosen == sorted({*chosen} & {*sent[:29]})
    assert len(json.dumps(round_.wall())) < 1_000_000


def test_who_has_the_secret_controls_a_room_and_nobody_else():
    rooms = Rooms()
    room, other_room = rooms.open(), rooms.open()
    assert (
        rooms.controlled(room.code, room.secret)
        is rooms.controlled(f" {room.code.lower()} ", room.secret)
        is room
    )
    for wrong in (other_room.secret, "", "ß", room.secret[:-1]):
        assert rooms.controlled(room.code, wrong) is None
    assert rooms.controlled("", room.secret) is None


def test_codes_have_six_letters_that_nobody_confuses_and_begin_with_the_replicas():
    assert not set("AEIOUVL0158") & set(rooms.LETTERS) and len(set(rooms.LETTERS)) == len(
        rooms.LETTERS
    )
    replica = Rooms("K")
    assert all(re.fullmatch(f"K[{rooms.LETTERS}]{{5}}", replica.open().code) for _ in range(200))


def test_rooms_that_everybody_has_left_make_way_for_others_after_twenty_minutes():
    clock = Clock()
    building = Rooms(clock=clock)
    for _ in range(rooms.MOST_ROOMS):
        building.open()
    with pytest.raises(ValueError, match="no more rooms"):
        building.open()
    clock.now = 20 * MINUTE + 1
    assert building.open() and len(building) == 1


def test_a_room_takes_300_phones_and_a_phone_that_returns_keeps_its_place():
    room = Rooms().open()
    room.ask("a", CHOICES, Truth(0, ""))
    phones = [room.watched(lambda: None, f"{k:020}") for k in range(rooms.MOST_PHONES)]
    for phone in phones:
        phone.__enter__()
    room.answer(f"{0:020}", [1, 1], 1)
    phones[0].__exit__(None, None, None)
    with pytest.raises(ValueError, match="300 phones"), room.watched(lambda: None, "another"):
        pass
    with room.watched(lambda: None, f"{0:020}"):
        assert room.for_phone(f"{0:020}")["own"] == [1]
    phones[1].__exit__(None, None, None)  # it has not answered, so its place is free
    with room.watched(lambda: None, "another"):
        assert room.for_lecturer()["phones"] == 299


def test_phones_are_told_when_a_question_is_asked_of_another_picture():
    room, messages = Rooms().open(), []
    room.ask("a", CHOICES, Truth(0, ""), "data:one")
    with room.watched(lambda: messages.append(room.for_phone("phone")["picture"]), "phone"):
        for picture in ("data:one", "data:other"):
            room.ask("a", CHOICES, Truth(0, ""), picture)
    assert messages == ["data:other"]
