"""What a page gives away, pressed button by button."""

from contextlib import suppress

from playwright.sync_api import TimeoutError


def choose(page, entry: str) -> None:
    """Choose an entry of the menu of an open page, and wait for the window that "Take away" opens."""
    page.get_by_role("button", name="Menu", exact=True).click(timeout=5000)
    page.get_by_role("menuitem", name=entry, exact=True).click(timeout=5000)
    if entry == "Take away":
        page.get_by_role("dialog").wait_for()


STARTS = {".png": b"\x89PNG", ".html": b"<!doctype html", ".npz": b"PK", ".npy": b"\x93NUMPY"}


def download(page, button) -> tuple[str, bytes]:
    """The name and the content of what a button gives. A page that has just run again may have closed its menu, or forgotten
    the file for which the button was pressed: it is then pressed again."""
    came = []
    page.once("download", lambda file: came.append(file))
    for wait in range(150):
        if came:
            break
        if wait % 50 == 0:
            with suppress(TimeoutError):  # the menu was closed just before
                if not page.get_by_role("dialog").count():
                    choose(page, "Take away")
                button.click(timeout=5000)
        page.wait_for_timeout(200)
    assert came, "no download has started"
    return came[0].suggested_filename, came[0].path().read_bytes()


def check_all(page, path: str) -> None:
    """Every download of an open page starts, and is what its name says."""
    page.wait_for_function(
        "!/ being /.test(document.querySelector('.st-key-caption')?.innerText ?? '')",
        timeout=60_000,
    )
    choose(page, "Take away")
    files = page.locator("[class*='st-key-get-'] button")
    files.first.wait_for()
    page.wait_for_function(
        "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"
    )
    names = set()
    for k in range(files.count()):
        name, content = download(page, files.nth(k))
        assert content, name
        ending = name[name.rindex(".") :]
        assert content.lower().startswith(STARTS.get(ending, b"").lower()), name
        if ending == ".csv":
            lines = content.decode().splitlines()
            assert "," in lines[0] and (len(lines) > 1 or path == "train"), (
                name
            )  # nothing has been trained yet
        names.add(name)
    assert names
    assert page.get_by_test_id("stDownloadButtonError").count() == 0
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
