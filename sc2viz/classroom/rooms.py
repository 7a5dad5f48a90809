"""Rooms in which a class answers a question on its phones. They live in memory alone, and their answers have no name.

A room has a code of six letters, which phones enter, and a secret, which its lecturer alone has. A question is answered in
one round, or in two with a discussion between them. Every method may be called from any thread.

No limit counts what comes from one address: a school has one address, and behind a proxy all readers may share one.
"""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock

from sc2viz.classroom.question import Question, Truth
from sc2viz.words import _

LETTERS = "BCDFGHJKMNPQRSTWXZ"  # no two look alike, and without vowels there are no words
LENGTH = 6  # of a code
MOST_PHONES = 300  # in a room
MOST_ROOMS = 1000  # on a server
MOST_QUESTIONS = 200  # in a room; the counts of earlier ones are then forgotten
ROUNDS = 2  # of a question: before and after a discussion
MINUTE = 60.0
EMPTY = 20 * MINUTE  # after which a room is closed that everybody has left; breaks are shorter
AWAY = 120 * MINUTE  # seconds after which a room is closed whose lecturer is not heard
DISCUSSED = 0.3, 0.7  # shares of right answers between which peer instruction has the class discuss


@dataclass
class Round:
    """The answers of one round."""

    phones: dict[str, float] = field(default_factory=dict)  # by the id that a phone keeps
    hands: Counter[float] = field(default_factory=Counter)  # those that the lecturer has counted

    def counts(self) -> Counter[float]:
        """How often each answer was given."""
        return Counter(self.phones.values()) + self.hands

    def forget(self) -> None:
        """Keep the counts, and not which phone gave which answer."""
        self.hands = self.counts()
        self.phones = {}


@dataclass
class Poll:
    """A question that was asked in a room."""

    number: int  # the first of a room is 1
    key: Hashable  # what the lecturer's page calls it
    asked: Question  # as the lecturer's page asks it
    question: Question  # with a range that contains every truth so far
    truth: Truth
    rounds: list[Round]
    picture: str = ""  # of which it is asked, as the address of an image; "" where there is none
    shown: bool = False  # whether the answers are revealed

    def right(self) -> float:
        """The share of right answers in the last round; 0 where there are none."""
        counts = self.rounds[-1].counts()
        return sum(n for answer, n in counts.items() if self.truth.holds(answer)) / max(
            counts.total(), 1
        )

    def label(self, answer: float) -> str | float:
        """A choice as it is read, or a number."""
        return _(self.question.choices[int(answer)]) if self.question.choices else answer


class Room:
    """A room. The lecturer's methods are for those who have its secret; phones have `enter`, `answer` and `for_phone`."""

    def __init__(self, code: str, clock: Callable[[], float], polls: Iterable[Poll] = ()):
        self.code, self.secret = code, secrets.token_urlsafe(16)
        self.closed = False
        self._clock, self._lock = clock, RLock()
        self._heard = self._left = clock()  # the lecturer, and the phone that was there last
        self._polls = list(polls)
        self._present: Counter[str] = Counter()  # the connections of each phone
        self._open = False  # whether the last question is still at hand
        self._of_phones: list[
            Callable[[], None]
        ] = []  # called when what phones are shown has changed
        self._of_lecturers: list[Callable[[], None]] = []

    def _tell(self, *, phones: bool) -> None:
        for wake in [*self._of_lecturers, *(self._of_phones if phones else ())]:
            wake()

    # The lecturer's

    def heard(self) -> None:
        """Note that the lecturer is there."""
        self._heard = self._clock()

    def is_over(self) -> bool:
        """Whether the lecturer has been away for `AWAY`, or everybody for `EMPTY`."""
        now = self._clock()
        is_empty = not self._present and now - max(self._heard, self._left) > EMPTY
        return is_empty or now - self._heard > AWAY

    def ask(self, key: Hashable, question: Question, truth: Truth, picture: str = "") -> None:
        """Ask a question, unless it is the one at hand; then only what is true of the view, and its picture, are replaced."""
        with self._lock:
            self.heard()
            at_hand = self.at_hand()
            if at_hand and (at_hand.key, at_hand.asked) == (key, question):
                if not at_hand.shown:
                    before, at_hand.question = at_hand.question, at_hand.question.fit(truth)
                    at_hand.truth = truth
                    if (at_hand.question, at_hand.picture) != (before, picture):
                        at_hand.picture = picture
                        self._tell(phones=True)
                return
            self._settle()
            number = self._polls[-1].number + 1 if self._polls else 1
            self._polls = [
                *self._polls[1 - MOST_QUESTIONS :],
                Poll(number, key, question, question.fit(truth), truth, [Round()], picture),
            ]
            self._open = True
            self._tell(phones=True)

    def rest(self) -> None:
        """Let the phones wait: the view at hand has no question."""
        with self._lock:
            self.heard()
            if self._open:
                self._settle()
                self._tell(phones=True)

    def _settle(self) -> None:
        """End the question at hand."""
        self._open = False
        for each in self._polls[-1].rounds if self._polls else ():
            each.forget()

    def at_hand(self) -> Poll | None:
        """The question that is asked, or whose answers are shown."""
        return self._polls[-1] if self._open else None

    def reveal(self) -> None:
        """Show everybody the answers and the truth; from now on no answer is taken."""
        self._change(lambda poll: setattr(poll, "shown", True))

    def again(self) -> None:
        """Ask once more, after a discussion. The answers of the first round are kept beside those of the second."""

        def begin(poll: Poll) -> None:
            if len(poll.rounds) < ROUNDS:
                poll.rounds.append(Round())
                poll.shown = False

        self._change(begin)

    def show_of_hands(self, counts: Sequence[int]) -> None:
        """Enter how many hands were up for each choice, in the place of those entered before. ValueError: other counts."""

        def enter(poll: Poll) -> None:
            many = len(poll.question.choices)
            if len(counts) != many or not all(type(n) is int and 0 <= n < 1000 for n in counts):
                raise ValueError(
                    f"a show of hands needs {many} counts below 1000, got {counts!r:.60}"
                )
            poll.rounds[-1].hands = +Counter({float(k): n for k, n in enumerate(counts)})

        self._change(enter)

    def _change(self, act: Callable[[Poll], None]) -> None:
        with self._lock:
            self.heard()
            if poll := self.at_hand():
                act(poll)
                self._tell(phones=True)

    def close(self) -> None:
        """Send everybody away and forget all answers."""
        with self._lock:
            self.closed, self._open, self._polls = True, False, []
            self._tell(phones=True)

    def settled_polls(self) -> list[Poll]:
        """The questions before the one at hand."""
        with self._lock:
            return self._polls[:-1] if self._open else list(self._polls)

    def table(self) -> list[tuple[int, str, int, str | float, int, bool]]:
        """The counts of all questions: number, words, round, answer, how many gave it, and whether it is right."""
        with self._lock:
            return [
                (
                    poll.number,
                    _(poll.question.words),
                    k,
                    poll.label(answer),
                    n,
                    poll.truth.holds(answer),
                )
                for poll in self._polls
                for k, each in enumerate(poll.rounds, 1)
                for answer, n in sorted(each.counts().items())
            ]

    def for_lecturer(self) -> dict:
        """What the lecturer's page shows: how many have answered, and once they are revealed, what."""
        with self._lock:
            poll = self.at_hand()
            if poll is None:
                return {"stage": self._stage(), "phones": len(self._present)}
            low, high = DISCUSSED
            return self._said(poll) | {
                "phones": len(self._present),
                "answered": poll.rounds[-1].counts().total(),
                "split": len(poll.rounds) < ROUNDS
                and not poll.shown
                and low <= poll.right() <= high,
            }

    # A phone's

    @contextmanager
    def watched(self, wake: Callable[[], None], phone: str | None = None) -> Iterator[None]:
        """Be there while the block lasts, as a phone or as the lecturer. Any thread calls `wake` when there is news.

        ValueError where the room is full. A phone that has answered keeps its place until the next question.
        """
        wakes = self._of_lecturers if phone is None else self._of_phones
        with self._lock:
            if phone is not None:
                if len({*self._known(), phone}) > MOST_PHONES:
                    raise ValueError(f"this room has {MOST_PHONES} phones, which is the most")
                self._present[phone] += 1
                self._tell(phones=False)
            wakes.append(wake)
        try:
            yield
        finally:
            with self._lock:
                wakes.remove(wake)
                if phone is not None:
                    self._present -= Counter([phone])
                    self._left = self._clock()
                    self._tell(phones=False)

    def _known(self) -> set[str]:
        poll = self.at_hand()
        return {
            *self._present,
            *(phone for each in (poll.rounds if poll else ()) for phone in each.phones),
        }

    def answer(self, phone: str, number: object, answer: object) -> None:
        """Take the answer of a phone that is there, in the place of its earlier one. ValueError: too late, or no answer."""
        with self._lock:
            poll = self.at_hand()
            if poll is None or poll.shown or number != [poll.number, len(poll.rounds)]:
                raise ValueError("this question is no longer open")
            if phone not in self._present:
                raise ValueError("this phone is not in the room")
            poll.rounds[-1].phones[phone] = poll.question.read(answer)
            self._tell(phones=False)

    def for_phone(self, phone: str) -> dict:
        """What a phone shows."""
        with self._lock:
            poll = self.at_hand()
            if poll is None:
                return {"stage": self._stage()}
            own = [each.phones.get(phone) for each in poll.rounds]
            return self._said(poll) | {"own": own, "picture": poll.picture}

    def _stage(self) -> str:
        return "closed" if self.closed else "wait"

    def _said(self, poll: Poll) -> dict:
        """The question, and once the answers are revealed, these and the truth."""
        question, truth = poll.question, poll.truth
        said = {
            "stage": "shown" if poll.shown else "open",
            "number": [poll.number, len(poll.rounds)],
            **question.for_browser(),
        }
        if poll.shown:
            counts = [sorted(each.counts().items()) for each in poll.rounds]
            right = [truth.answer, truth.margin, list(truth.ties)]
            said |= {"rounds": counts, "truth": right, "why": truth.why}
        return said


class Rooms:
    """The rooms of a server. letters: with which codes begin, where a proxy sends each to its replica by them."""

    def __init__(self, letters: str = LETTERS, clock: Callable[[], float] = time.monotonic):
        if not letters or not set(letters) <= set(LETTERS):
            raise ValueError(
                f"codes of rooms must begin with letters of {LETTERS}, got {letters!r}"
            )
        self._letters, self._clock, self._lock = letters, clock, RLock()
        self._rooms: dict[str, Room] = {}
        self._swept = clock()

    def open(self, polls: Iterable[Poll] = ()) -> Room:
        """A new room, which has the counts of these polls. ValueError where there are too many rooms."""
        with self._lock:
            self._sweep()
            if len(self._rooms) >= MOST_ROOMS:
                raise ValueError(
                    _(
                        "The server has no more rooms. Close one that is not used, or ask again later"
                    )
                )
            while (code := self._code()) in self._rooms:
                pass
            self._rooms[code] = Room(code, self._clock, polls)
            return self._rooms[code]

    def _code(self) -> str:
        return secrets.choice(self._letters) + "".join(
            secrets.choice(LETTERS) for _ in range(LENGTH - 1)
        )

    def find(self, code: str) -> Room | None:
        """The room of a code, which may be typed in any case."""
        with self._lock:
            self._sweep()
            return self._rooms.get(code.strip().upper())

    def controlled(self, code: str, secret: str) -> Room | None:
        """The room of a code, for who has its secret."""
        room = self.find(code)
        return (
            room
            if room
            and secrets.compare_digest(room.secret.encode(), secret.encode(errors="surrogatepass"))
            else None
        )

    def close(self, room: Room) -> None:
        """End a room."""
        with self._lock:
            self._rooms.pop(room.code, None)
        room.close()

    def empty(self, room: Room) -> Room:
        """Send all phones of a room away, and drop the answers to its question: the room that is returned has its earlier
        counts, and a code that nobody knows yet."""
        with self._lock:
            polls = room.settled_polls()
            self.close(room)
            return self.open(polls)

    def _sweep(self) -> None:
        """Close the rooms that are over, at most once a minute."""
        if self._clock() - self._swept >= MINUTE:
            self._swept = self._clock()
            for room in [room for room in self._rooms.values() if room.is_over()]:
                self.close(room)

    def __len__(self) -> int:
        return len(self._rooms)
