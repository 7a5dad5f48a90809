"""WebKit, the engine of Safari: WebKitGTK's MiniBrowser, driven by selenium on a display of its own, where Debian's
webkit2gtk-driver and xvfb are installed. It has no touch and no phone."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

DRIVER, DISPLAY = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
BROWSER = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
LONGEST = 120.0  # seconds that a condition is waited for
# A script at the head of a page, which collects its errors.
COLLECTS = """<script>
window.collected = [];
for (const event of ["error", "unhandledrejection"])
  addEventListener(event, ({ message, reason }) => window.collected.push(message ?? String(reason)), true);
console.error = (...words) => window.collected.push(words.join(" "));
</script>"""


class Tab:
    """The one tab of the browser, which shows the address that was opened last. Its methods are those of `firefox.Tab`."""

    def __init__(self, driver, url: str, width: int, height: int):
        self._driver = driver
        driver.set_window_size(width, height)
        driver.get("about:blank")
        driver.get(url)

    @property
    def errors(self) -> list[str]:
        """The errors of a page that collects them (`COLLECTS`): its driver tells nobody what is on the console."""
        return self.run("window.collected ?? []")

    def run(self, expression: str):
        """What an expression of JavaScript says there."""
        return self._driver.execute_script(f"return ({expression})")

    def until(self, expression: str):
        """Wait until an expression is true there, and return it. TimeoutError where it stays false."""
        late = time.monotonic() + LONGEST
        while time.monotonic() < late:
            if value := self.run(expression):
                return value
            time.sleep(0.2)
        raise TimeoutError(f"{expression}; there is: {self.run('document.body.innerText')[:500]}")

    def drag(self, places: list[tuple[float, float]]) -> None:
        """Press the mouse at the first place of the window, move it through the others, and lift it."""
        from selenium.webdriver.common.actions.action_builder import ActionBuilder

        actions = ActionBuilder(self._driver, duration=50)
        pointer = actions.pointer_action
        pointer.move_to_location(*map(round, places[0])).pointer_down()
        for place in places[1:]:
            pointer.move_to_location(*map(round, place))
        pointer.pointer_up()
        actions.perform()


@contextlib.contextmanager
def running(profile) -> Iterator:
    """Start the browser; yield what opens an address: open(url, width, height)."""
    from selenium import webdriver
    from selenium.webdriver.webkitgtk.options import Options
    from selenium.webdriver.webkitgtk.service import Service

    screen = ["-screen", "0", "2560x1600x24", "-displayfd", "1"]
    display = subprocess.Popen(
        [DISPLAY, *screen], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        name = f":{int(display.stdout.readline())}"
        options = Options()
        options.binary_location = str(BROWSER)
        options.add_argument("--automation")
        environment = os.environ | {"DISPLAY": name, "HOME": str(profile)}
        driver = webdriver.WebKitGTK(options=options, service=Service(DRIVER, env=environment))
        try:
            yield lambda url, width=1280, height=900: Tab(driver, url, width, height)
        finally:
            driver.quit()
    finally:
        display.terminate()
        display.wait(30)
