"""`bench class`: how soon a class's answers are taken while its lecturer drags λ, and how soon the pictures follow λ then.

Phones load /join, enter the room, and answer at random moments within the seconds that are given. Each answer's time goes
from the phone's message to the server's word that it has the answer. With `--draw` phones send drawings, which the lecturer's
wall shows at once. All phones are in this process, so that they come from
one address and their work counts in all times. The lecturer is a Chromium with Compare.
"""

import asyncio
import base64
import json
import os
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from websockets.asyncio.client import connect

from sc2viz.classroom.drawings import SIDE
from sc2viz.lab.bench import drag
from sc2viz.lab.bench.browser import LAMBDA, chromium, describe_times, open_patiently, server
from sc2viz.lab.bench.stopwatch import PROCESSOR, high

SEED = 0  # of the moments and the choices
COME = 5.0  # seconds within which the phones enter the room
CHOICES = "ISTA", "FISTA", "LISTA", "SLSTM"
# Notes in the lecturer's page when the heading of the wall says a text.
OBSERVE_WALL = """(node, text) => new MutationObserver(() => {
  if (node.textContent === text) window.sc2vizWallShown ??= Date.now();
}).observe(node, { childList: true, characterData: true, subtree: true })"""
TOUR = f"""title = "A class"
[[step]]
view = "{drag.FOUR}"
say = "A class answers."
ask = "Which comes closest?"
choices = {json.dumps(CHOICES)}
at = [0, 10, 20, 30]
truth = "atoms"
"""


class Phones:
    """What the phones of a class, which enter this room to answer or to draw, have heard, in seconds."""

    def __init__(self, address, code, draws):
        self.address, self.code, self.draws = address, code, draws
        # Until an answer or a drawing was taken, and when the last one was, since the epoch
        self.waits, self.taken_at = [], 0.0
        # When a phone heard that the round has ended, and what went wrong
        self.ends, self.problems = [], []

    async def take_part(self, count, seconds):
        """Let all phones come and answer, or draw."""
        chance = random.Random(SEED)
        plans = [
            (chance.uniform(0, COME), chance.uniform(0, seconds), chance.randrange(len(CHOICES)))
            for _ in range(count)
        ]
        await asyncio.gather(*(self._send(k, *plan) for k, plan in enumerate(plans)))

    async def _send(self, number, enters, pause, answer):
        """One phone, which comes after some seconds, sends something some seconds after all have come, and waits for the end."""
        start = time.perf_counter()
        await asyncio.sleep(enters)
        page = f"{self.address}/join?room={self.code}"
        url = f"ws://{urlsplit(self.address).netloc}/live?room={self.code}"
        try:
            await asyncio.to_thread(lambda: urlopen(page, timeout=30).read())
            async with connect(url, open_timeout=30) as live:
                await live.send(json.dumps({"phone": f"phone-{number:012}"}))
                message = json.loads(await live.recv())
                await asyncio.sleep(max(0.0, start + COME + pause - time.perf_counter()))
                sent = time.perf_counter()
                if self.draws:
                    drawing = random.Random(number).randbytes(SIDE * SIDE)
                    await live.send(drawing)
                    while message["drawing"] != base64.b64encode(drawing).decode():
                        message = json.loads(await live.recv())
                else:
                    await live.send(json.dumps({"number": message["number"], "answer": answer}))
                    while message["own"][-1] != answer:
                        message = json.loads(await live.recv())
                self.waits.append(time.perf_counter() - sent)
                self.taken_at = time.time()
                while message["stage"] == ("draw" if self.draws else "open"):
                    message = json.loads(await live.recv())
                self.ends.append(time.perf_counter())
        except Exception as error:
            self.problems.append(f"{type(error).__name__}: {error}")


def run(arguments):
    print(f"{PROCESSOR}, {os.cpu_count()} cores; phones and browser share them; seed {SEED}")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bench.toml").write_text(TOUR, "utf-8")
        with server(SC2VIZ_TOURS=folder) as (address, _), chromium() as browser:
            for count in arguments.phones:
                _ask_class(browser, address, count, arguments.seconds, arguments.draw)


def _ask_class(browser, address, count, seconds, draws):
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.set_default_timeout(120_000)
    open_patiently(page, f"{address}/?tour=bench&step=1")
    page.get_by_role("button", name="Show me").click()  # the question covers what follows the drag
    page.locator(".st-key-question").wait_for(state="detached")
    page.get_by_role("button", name="Ask the class").click()
    phones = Phones(address, page.locator(".invite .code").inner_text(), draws)
    page.keyboard.press("Escape")
    if draws:
        page.get_by_role("button", name="Room", exact=True).click()
        page.get_by_role("button", name="Let the class draw").click()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Show new ones at once").click()
        page.locator(".wall summary").evaluate(OBSERVE_WALL, f"{count} drawings, {count} shown")
    page.locator(drag.CANVASES).first.wait_for()
    page.wait_for_timeout(4000)
    drag.watch(page)
    alone = _drag(page, 5.0)
    thread = threading.Thread(target=asyncio.run, args=[phones.take_part(count, seconds)])
    thread.start()
    together = _drag(page, COME + seconds)
    page.wait_for_timeout(1000)
    counted = page.locator(".class .counts").inner_text()
    revealed = time.perf_counter()
    page.get_by_role("button", name="Close the round").click() if draws else page.keyboard.press(
        "b"
    )
    thread.join(60)
    lost = count - len(phones.waits)
    print(
        f"{count} phones within {seconds:g} s: the projector says “{counted}”; {lost} lost (aim 0)"
    )
    if waits := [1e3 * wait for wait in phones.waits]:
        print(
            f"    {'a drawing' if draws else 'an answer'} is taken after {statistics.median(waits):.0f} ms median, "
            f"{high(waits):.0f} ms 95th percentile (aim {50 if draws else 1000}), {max(waits):.0f} ms at most"
        )
    if draws and (finished_at := page.evaluate("window.sc2vizWallShown")):
        print(
            f"    the wall is whole {finished_at / 1e3 - phones.taken_at:.2f} s after the last (aim 1)"
        )
    elif phones.ends:
        wait = max(phones.ends) - revealed
        print(
            f"    {len(phones.ends)} phones show the answers {wait:.2f} s after they are revealed"
        )
    print(f"    the drag alone: {describe_times(alone)}")
    print(f"    and meanwhile:  {describe_times(together)}", flush=True)
    print("".join(f"    {problem}\n" for problem in sorted(set(phones.problems))[:5]), end="")
    page.context.close()


def _drag(page, seconds):
    """Hold λ for two seconds at a time and move it there and back; the times in ms in which the pictures followed."""
    box = page.get_by_role("slider", name=LAMBDA).bounding_box()
    shares = [(k + 1) / drag.MOVES for k in range(drag.MOVES)]
    end, times = time.perf_counter() + seconds, []
    while time.perf_counter() < end:
        drag.hold(page, box, "slider", 1 - shares[-1])
        times += drag.move(page, box, "slider", shares)[0]
        page.mouse.up()
        page.wait_for_timeout(300)
        shares = [1 - share for share in shares]
    return times
