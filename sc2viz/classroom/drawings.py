"""The pictures that a class draws on its phones in one round. They live in memory alone, with their room.

A phone has one drawing, and each that it sends takes the place of the one before. No drawing is shown before the lecturer
turns it over, unless the lecturer has new ones shown at once.
"""

import base64
import itertools
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass

SIDE = 28  # pixels of a drawing's side; each is one byte
MOST_DRAWINGS = 200  # of a round
INTERVAL = 1.0  # seconds between two drawings of a phone
STRIP = 16  # drawings that the lecturer takes at a time
WRONG, ABSENT, CLOSED, TOO_LARGE, TOO_SOON, FULL = 400, 403, 409, 413, 429, 507
_numbers = itertools.count(1)  # of drawings and rounds, in the order in which they come


class Refused(ValueError):
    """What a phone sends and the room does not take, with a code that means what it means in HTTP."""

    def __init__(self, code: int, sentence: str):
        super().__init__(sentence)
        self.code = code


@dataclass
class Drawing:
    """A drawing of SIDE × SIDE bytes, row by row, white on black."""

    pixels: bytes
    number: int
    time: float
    is_shown: bool

    @property
    def text(self) -> str:
        """The pixels in base64."""
        return base64.b64encode(self.pixels).decode()


class Drawings:
    """One round of drawing. A drawing's place on the wall is that of its phone among those that have sent one."""

    def __init__(self, clock: Callable[[], float], number: int | None = None, is_open: bool = True):
        self.number = next(_numbers) if number is None else number
        self.is_open = is_open
        self.shows_at_once = False
        self._clock = clock
        self._by_phone: dict[str, Drawing] = {}

    def add(self, phone: str, pixels: bytes) -> None:
        """Take a phone's drawing. Refused: after the round, another size, nothing drawn, too soon, too many phones."""
        previous, time = self._by_phone.get(phone), self._clock()
        if not self.is_open:
            raise Refused(CLOSED, "this round of drawing is closed")
        if len(pixels) != SIDE * SIDE:
            raise Refused(TOO_LARGE, f"a drawing has {SIDE * SIDE} bytes, got {len(pixels)}")
        if not any(pixels):
            raise Refused(WRONG, "nothing is drawn")
        if previous and time - previous.time < INTERVAL:
            raise Refused(TOO_SOON, f"a phone sends one drawing in {INTERVAL:g} s")
        if not previous and len(self._by_phone) >= MOST_DRAWINGS:
            raise Refused(FULL, f"a round has {MOST_DRAWINGS} drawings, which is the most")
        self._by_phone[phone] = Drawing(pixels, next(_numbers), time, self.shows_at_once)

    def of_phone(self, phone: str) -> str:
        """Return the drawing of a phone in base64; "" where it has sent none."""
        drawing = self._by_phone.get(phone)
        return drawing.text if drawing else ""

    def show(self, is_shown: bool, numbers: Collection[int] | None = None) -> None:
        """Show or hide the drawings with these numbers, or all. A drawing that came in the place of one has another."""
        for drawing in self._by_phone.values():
            if numbers is None or drawing.number in numbers:
                drawing.is_shown = is_shown

    def choose(self, at_random: bool) -> list[bytes]:
        """Return at most STRIP of the drawings that are shown, as bytes: the newest or any, in the order in which they
        came."""
        drawings = [drawing for drawing in self._by_phone.values() if drawing.is_shown]
        if at_random:
            drawings = random.sample(drawings, min(STRIP, len(drawings)))
        return [drawing.pixels for drawing in sorted(drawings, key=_number)[-STRIP:]]

    def wall(self, since: int = 0) -> dict:
        """Return the wall as its lecturer's browser needs it: all of its settings, and those drawings that are newer than the
        number `since`."""
        drawings = list(self._by_phone.values())
        return {
            "round": self.number,
            "is_open": self.is_open,
            "shows_at_once": self.shows_at_once,
            "latest": max(map(_number, drawings), default=self.number),
            "drawings": [
                [place, drawing.number, drawing.text]
                for place, drawing in enumerate(drawings)
                if drawing.number > since
            ],
            "shown": [drawing.number for drawing in drawings if drawing.is_shown],
        }


def _number(drawing: Drawing) -> int:
    return drawing.number
