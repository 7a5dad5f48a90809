"""Rooms in which a class answers a question on its phones, and draws. They live in memory alone, and nothing in them has a
name.

A room has a code of six letters, which phones enter, and a secret, which its lecturer alone has. A question is answered in
one round, or in two with a discussion between them. Every method may be called from any thread.

No limit counts what comes from one address: a school has one address, and behind a proxy all readers may share one.
"""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock

from sc2viz.classroom.drawings import ABSENT, CLOSED, Drawings, Refused
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
ABSENCE = 120 * MINUTE  # after which a room is closed whose lecturer is not heard
DISCUSSED = 0.3, 0.7  # shares of right answers between which peer instruction has the class discuss


@dataclass
class Round:
    """The answers of one round."""

    phones: dict[str, float] = field(default_factory=dict)  # by the id that a phone keeps
    hands: Counter[float] = field(default_factory=Counter)  # those that the lecturer has counted

    def counts(self) -> Counter[float]:
        """Return how often each answer was given, by the answer as a number."""
        return Counter(self.phones.values()) + self.hands


@dataclass
class Poll:
    """A question that was asked in a room."""

    number: int  # the first of a room is 1
    key: Hashable  # what the lecturer's page calls it
    original: Question  # as the lecturer's page asks it
    question: Question  # with a range that contains every truth so far
    truth: Truth
    rounds: list[Round]
    picture: str = ""  # of which it is asked, as the address of an image; "" where there is none
    is_revealed: bool = False  # whether the answers are shown

    def label(self, answer: float) -> str | float:
        """Return an answer as it is read: the words of its choice, or a number."""
        return _(self.question.choices[int(answer)]) if self.question.choices else answer

    def message(self) -> dict:
        """Return what a browser shows of the question, and once the answers are revealed, these and the truth."""
        message = {
            "stage": "shown" if self.is_revealed else "open",
            "number": [self.number, len(self.rounds)],
            **self.question.for_browser(),
        }
        if self.is_revealed:
            counts = [sorted(answers.counts().items()) for answers in self.rounds]
            message |= {"rounds": counts, **self.truth.for_browser()}
        return message


class Room:
    """A room. The lecturer's methods are for those who have its secret; phones have `watched`, `answer`, `draw`
    and `for_phone`."""

    def __init__(self, code: str, clock: Callable[[], float], polls: Iterable[Poll]):
        self.code, self.secret = code, secrets.token_urlsafe(16)
        self.is_closed = False
        self.strip: tuple[bytes, ...] = ()  # the drawings that the lecturer's pages show
        self.atoms = ""  # with what a phone codes its own drawing (browser/join.py)
        self._clock, self._lock = clock, RLock()
        # When the lecturer was heard, and when the last phone left
        self._lecturer_time = self._phone_time = clock()
        self._polls = list(polls)
        self._connections: Counter[str] = Counter()  # of each phone
        self._is_asking = False  # whether the last question is still at hand
        self._drawings = Drawings(clock, number=0, is_open=False)  # none yet
        # Called when what phones are shown has changed, and when what the lecturer is
        self._phone_wakes: list[Callable[[], None]] = []
        self._lecturer_wakes: list[Callable[[], None]] = []

    @contextmanager
    def _news(self, phones: bool = True) -> Iterator["Poll | None"]:
        """Change the room in the block, which is given the question at hand or None; then wake the lecturer's connections,
        and with `phones` those of phones as well, because what they are shown has changed."""
        with self._lock:
            yield self.current_poll()
            for wake in [*self._lecturer_wakes, *(self._phone_wakes if phones else ())]:
                wake()

    # The lecturer's

    def note_lecturer(self) -> None:
        """Note that the lecturer is present."""
        self._lecturer_time = self._clock()

    def is_over(self) -> bool:
        """Whether the lecturer has been away for `ABSENCE`, or everybody for `EMPTY`."""
        time = self._clock()
        last = max(self._lecturer_time, self._phone_time)
        return not self._connections and time - last > EMPTY or time - self._lecturer_time > ABSENCE

    def ask(self, key: Hashable, question: Question, truth: Truth, picture: str = "") -> None:
        """Ask a question, unless it is the one at hand; then only what is true of the view, and its picture, are replaced."""
        with self._lock:
            poll = self.current_poll()
            is_new = not poll or (poll.key, poll.original) != (key, question)
            if not is_new:
                if poll.is_revealed:
                    return
                previous = poll.question, poll.picture
                poll.question, poll.picture = poll.question.fit(truth), picture
                poll.truth = truth
                if (poll.question, poll.picture) == previous:
                    return
            with self._news():
                if is_new:
                    self._settle()
                    number = self._polls[-1].number + 1 if self._polls else 1
                    fitted = question.fit(truth)
                    poll = Poll(number, key, question, fitted, truth, [Round()], picture)
                    self._polls = [*self._polls[1 - MOST_QUESTIONS :], poll]
                    self._is_asking = True

    def let_wait(self) -> None:
        """Let the phones wait: the view at hand has no question."""
        if self._is_asking:
            with self._news():
                self._settle()

    def _settle(self) -> None:
        """End the question at hand, and keep its counts, but not which phone gave which answer."""
        self._is_asking = False
        for answers in self._polls[-1].rounds if self._polls else ():
            answers.hands, answers.phones = answers.counts(), {}

    def current_poll(self) -> Poll | None:
        """Return the question that is asked, or whose answers are shown; None while phones wait."""
        return self._polls[-1] if self._is_asking else None

    def reveal(self) -> None:
        """Show everybody the answers and the truth; from now on no answer is taken."""
        with self._news() as poll:
            if poll:
                poll.is_revealed = True

    def ask_again(self) -> None:
        """Ask once more, after a discussion. The answers of the first round are kept beside those of the second."""
        with self._news() as poll:
            if poll and len(poll.rounds) < ROUNDS:
                poll.rounds.append(Round())
                poll.is_revealed = False

    def count_hands(self, counts: Sequence[int]) -> None:
        """Enter how many hands were up for each choice, in the place of those entered before."""
        with self._news() as poll:
            if poll:
                poll.rounds[-1].hands = +Counter({float(k): n for k, n in enumerate(counts)})

    def begin_drawing(self, atoms: str = "") -> None:
        """Let the class draw, on an empty wall, until `end_drawing`; meanwhile no question is answered."""
        with self._news():
            self.atoms = atoms
            self._drawings = Drawings(self._clock)

    def end_drawing(self) -> None:
        """Take no more drawings. Each phone may then see its own one coded."""
        with self._news():
            self._drawings.is_open = False

    def show_drawings(self, is_shown: bool, numbers: Collection[int] | None = None) -> None:
        """Show or hide the drawings with these numbers, or all of the wall."""
        with self._news(phones=False):
            self._drawings.show(is_shown, numbers)

    def switch_show_at_once(self) -> None:
        """Show drawings that come from now on without the lecturer's click, or no longer."""
        with self._news(phones=False):
            self._drawings.shows_at_once = not self._drawings.shows_at_once

    def take_strip(self, at_random: bool) -> None:
        """Put the newest, or any, of the drawings that are shown into the strip of the lecturer's pages."""
        with self._lock:
            self.strip = tuple(self._drawings.choose(at_random))

    def close(self) -> None:
        """Send everybody away and forget all answers and drawings."""
        with self._news():
            self.is_closed, self._is_asking, self._polls, self.strip = True, False, [], ()
            self._drawings = Drawings(self._clock, number=0, is_open=False)

    def settled_polls(self) -> list[Poll]:
        """Return the questions before the one at hand."""
        with self._lock:
            return self._polls[:-1] if self._is_asking else list(self._polls)

    def table(self) -> list[tuple[int, str, int, str | float, int, bool]]:
        """Return the counts of all questions, a row an answer: number, words, round, answer, how many gave it, and whether it
        is right."""
        with self._lock:
            return [
                (
                    poll.number,
                    _(poll.question.text),
                    number,
                    poll.label(answer),
                    count,
                    poll.truth.holds(answer),
                )
                for poll in self._polls
                for number, answers in enumerate(poll.rounds, 1)
                for answer, count in sorted(answers.counts().items())
            ]

    def for_lecturer(self, since: int = 0) -> dict:
        """Return what the lecturer's page shows: how many have answered, and once they are revealed, what; and the wall, with
        the drawings that are newer than the number `since`."""
        with self._lock:
            message = {"stage": "closed" if self.is_closed else "wait"}
            if poll := self.current_poll():
                counts, (low, high) = poll.rounds[-1].counts(), DISCUSSED
                right = sum(count for answer, count in counts.items() if poll.truth.holds(answer))
                is_split = low <= right / max(counts.total(), 1) <= high
                can_discuss = len(poll.rounds) < ROUNDS and not poll.is_revealed
                message = poll.message() | {
                    "answers": counts.total(),
                    "split": is_split and can_discuss,
                }
            wall = {"wall": self._drawings.wall(since)} if self._drawings.number else {}
            return message | {"phones": len(self._connections)} | wall

    # A phone's

    @contextmanager
    def watched(self, wake: Callable[[], None], phone: str | None = None) -> Iterator[None]:
        """Be present while the block lasts, as a phone or as the lecturer. Any thread calls `wake` when there is news.

        ValueError where the room is full. A phone that has answered keeps its place until the next question.
        """
        wakes = self._lecturer_wakes if phone is None else self._phone_wakes
        with self._news(phones=False):
            if phone is not None:
                answered = (answers.phones for poll in self._polls[-1:] for answers in poll.rounds)
                if len(set().union(self._connections, [phone], *answered)) > MOST_PHONES:
                    raise ValueError(f"this room has {MOST_PHONES} phones, which is the most")
                self._connections[phone] += 1
            wakes.append(wake)
        try:
            yield
        finally:
            with self._news(phones=False):
                wakes.remove(wake)
                if phone is not None:
                    self._connections -= Counter([phone])
                    self._phone_time = self._clock()

    def answer(self, phone: str, number: object, answer: object) -> None:
        """Take the answer of a phone that is present, in the place of its earlier one. number: the question's and the
        round's. ValueError: too late, or no answer."""
        with self._news(phones=False) as poll:
            is_open = poll and not poll.is_revealed and not self._drawings.is_open
            if not is_open or number != [poll.number, len(poll.rounds)]:
                raise Refused(CLOSED, "this question is no longer open")
            self._check_presence(phone)
            poll.rounds[-1].phones[phone] = poll.question.read(answer)

    def draw(self, phone: str, pixels: bytes) -> None:
        """Take the drawing of a phone that is present, in the place of its earlier one. Refused: see `Drawings.add`."""
        with self._news(phones=False):
            self._check_presence(phone)
            self._drawings.add(phone, pixels)

    def _check_presence(self, phone: str) -> None:
        """Raise Refused where the phone has no connection to the room."""
        if phone not in self._connections:
            raise Refused(ABSENT, "this phone is not in the room")

    def for_phone(self, phone: str) -> dict:
        """Return what a phone shows: its "stage", the question with its own answers, and its drawing, as far as there are
        any."""
        with self._lock:
            drawings = self._drawings
            drawing = {"drawing": drawings.of_phone(phone)} if drawings.number else {}
            if drawings.is_open:
                return {"stage": "draw"} | drawing
            poll = self.current_poll()
            if poll is None:
                return {"stage": "closed" if self.is_closed else "wait"} | drawing
            answers = [answers.phones.get(phone) for answers in poll.rounds]
            return poll.message() | {"own": answers, "picture": poll.picture} | drawing


class Rooms:
    """The rooms of a server. letters: with which codes begin, where a proxy sends each to its replica by them."""

    has_phones = False  # whether the server has the routes of phones

    def __init__(self, letters: str = LETTERS, clock: Callable[[], float] = time.monotonic):
        self._letters, self._clock, self._lock = letters, clock, RLock()
        self._rooms: dict[str, Room] = {}
        self._sweep_time = clock()

    def open(self, polls: Iterable[Poll] = ()) -> Room:
        """Open a room and return it, with the counts of these earlier polls. ValueError where there are too many rooms."""
        with self._lock:
            self._sweep()
            if len(self._rooms) >= MOST_ROOMS:
                raise ValueError(
                    _(
                        "The server has no more rooms. Close one that is not used, or ask again later"
                    )
                )
            code = ""
            while not code or code in self._rooms:
                others = (secrets.choice(LETTERS) for _k in range(LENGTH - 1))
                code = "".join([secrets.choice(self._letters), *others])
            self._rooms[code] = Room(code, self._clock, polls)
            return self._rooms[code]

    def find(self, code: str) -> Room | None:
        """Return the room of a code, which may be typed in any case; None where there is none."""
        with self._lock:
            self._sweep()
            return self._rooms.get(code.strip().upper())

    def controlled(self, code: str, secret: str) -> Room | None:
        """Return the room of a code, for who has its secret; else None."""
        room = self.find(code)
        return (
            room
            if room
            and secrets.compare_digest(room.secret.encode(), secret.encode(errors="surrogatepass"))
            else None
        )

    def close(self, room: Room) -> None:
        """Close a room and forget it."""
        with self._lock:
            self._rooms.pop(room.code, None)
        room.close()

    def empty(self, room: Room) -> Room:
        """Send all phones of a room away, and drop the answers to its question and the drawings. The room that is returned
        has its earlier counts, and a code that nobody knows yet."""
        with self._lock:
            polls = room.settled_polls()
            self.close(room)
            return self.open(polls)

    def _sweep(self) -> None:
        """Close the rooms that are over, at most once a minute."""
        if self._clock() - self._sweep_time >= MINUTE:
            self._sweep_time = self._clock()
            for room in [room for room in self._rooms.values() if room.is_over()]:
                self.close(room)

    def __len__(self) -> int:
        return len(self._rooms)
