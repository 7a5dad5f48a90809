"""`bench class`: how soon a class's answers are taken while its lecturer drags λ, and how soon the pictures follow λ then.

Phones load /join, enter the room, and answer at random moments within the seconds that are given. Each answer's time goes
from the phone's message to the server's word that it has the answer. All phones are in this process, so that they come from
one address and their work counts in all times. The lecturer is a Chromium with Compare.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from websockets.asyncio.client import connect

from sc2viz.lab.bench import drag
from sc2viz.lab.bench.browser import LAMBDA, chromium, followed, patiently, server
from sc2viz.lab.bench.stopwatch import PROCESSOR, high

SEED = 0  # of the moments and the choices
COME = 5.0  # seconds within which the phones enter the room
CHOICES = "ISTA", "FISTA", "LISTA", "SLSTM"
TOUR = f"""title = "A class"
[[step]]
view = "{drag.FOUR}"
say = "A class answers."
ask = "Which comes closest?"
choices = {json.dumps(CHOICES)}
at = [0, 10, 20, 30]
truth = "atoms"
"""


@dataclass
class ClassHeard:
    """What the phones of a class have heard, in seconds."""

    taken: list[float] = field(default_factory=list)  # until an answer was taken
    shown: list[float] = field(default_factory=list)  # when the answers were shown, by the clock
    problems: list[str] = field(default_factory=list)


def run(arguments: argparse.Namespace) -> None:
    print(f"{PROCESSOR}, {os.cpu_count()} cores; phones and browser share them; seed {SEED}")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bench.toml").write_text(TOUR, "utf-8")
        with server(SC2VIZ_TOURS=folder) as (address, _), chromium() as browser:
            for count in arguments.phones:
                _class(browser, address, count, arguments.seconds)


def _class(browser, address: str, count: int, seconds: float) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.set_default_timeout(120_000)
    patiently(page, f"{address}/?tour=bench&step=1")
    page.get_by_role(
        "button", name="Show me"
    ).click()  # what the question covers is what follows the drag
    page.locator(".st-key-question").wait_for(state="detached")
    page.get_by_role("button", name="Ask the class").click()
    code = page.locator(".invite .code").inner_text()
    page.keyboard.press("Escape")
    page.locator(drag.CANVASES).first.wait_for()
    page.wait_for_timeout(4000)
    drag.watch(page)
    alone = _drag(page, 5.0)
    heard = ClassHeard()
    phones = threading.Thread(
        target=lambda: asyncio.run(_phones(address, code, count, seconds, heard))
    )
    phones.start()
    together = _drag(page, COME + seconds)
    page.wait_for_timeout(1000)
    counted = page.locator(".class .said").inner_text()
    began = time.perf_counter()
    page.keyboard.press("b")
    phones.join(60)
    lost = count - len(heard.taken)
    print(
        f"{count} phones within {seconds:g} s: the projector says “{counted}”; {lost} lost (aim 0)"
    )
    if heard.taken:
        middle, most = 1e3 * statistics.median(heard.taken), 1e3 * max(heard.taken)
        print(
            f"    an answer is taken after {middle:.0f} ms median, {1e3 * high(heard.taken):.0f} ms 95th percentile "
            f"(aim 1000), {most:.0f} ms at most"
        )
    if heard.shown:
        print(
            f"    {len(heard.shown)} phones show the answers {max(heard.shown) - began:.2f} s after they are revealed"
        )
    print(f"    the drag alone: {followed(alone)}")
    print(f"    and meanwhile:  {followed(together)}", flush=True)
    for problem in sorted(set(heard.problems))[:5]:
        print(f"    {problem}")
    page.context.close()


def _drag(page, seconds: float) -> Sequence[float]:
    """Hold λ for two seconds at a time and move it there and back; the times in ms in which the pictures followed."""
    page.evaluate("window.took = [], window.seen = new Set()")
    box = page.get_by_role("slider", name=LAMBDA).bounding_box()
    y, left, width = box["y"] + box["height"] / 2, box["x"] + 10, box["width"] - 20
    end, up = time.perf_counter() + seconds, True
    while time.perf_counter() < end:
        page.mouse.move(left + width * (0 if up else 1), y)
        page.mouse.down()
        for k in range(drag.MOVES):
            share = (k + 1) / drag.MOVES
            page.mouse.move(left + width * (share if up else 1 - share), y)
            page.wait_for_timeout(30)
        page.mouse.up()
        up = not up
        page.wait_for_timeout(300)
    return page.evaluate("window.took")


async def _phones(address: str, code: str, count: int, seconds: float, heard: ClassHeard) -> None:
    chance = random.Random(SEED)
    plans = [
        (
            f"phone-{k:012}",
            chance.uniform(0, COME),
            chance.uniform(0, seconds),
            chance.randrange(len(CHOICES)),
        )
        for k in range(count)
    ]
    await asyncio.gather(*(_phone(address, code, heard, *plan) for plan in plans))


async def _phone(
    address: str, code: str, heard: ClassHeard, phone: str, comes: float, waits: float, answer: int
) -> None:
    """One phone, which comes after some seconds, answers some seconds after all have come, and waits for the answers."""
    began = time.perf_counter()
    await asyncio.sleep(comes)
    try:
        await asyncio.to_thread(lambda: urlopen(f"{address}/join?room={code}", timeout=30).read())
        async with connect(
            f"ws://{urlsplit(address).netloc}/live?room={code}", open_timeout=30
        ) as live:
            await live.send(json.dumps({"phone": phone}))
            said = json.loads(await live.recv())
            await asyncio.sleep(max(0.0, began + COME + waits - time.perf_counter()))
            sent = time.perf_counter()
            await live.send(json.dumps({"number": said["number"], "answer": answer}))
            while said["own"][-1] != answer:
                said = json.loads(await live.recv())
            heard.taken.append(time.perf_counter() - sent)
            while said["stage"] != "shown":
                said = json.loads(await live.recv())
            heard.shown.append(time.perf_counter())
    except Exception as error:
        heard.problems.append(f"{type(error).__name__}: {error}")
