"""The films that pages give away, light and dark: `python .ci/films.py FOLDER`.

Takes each as a reader does, and prints its frames, its seconds and its size. `light.png` and `dark.png` show six frames
of every film. Fails where one is larger than `draw.film.MOST`, or stands still.
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page
from screens import THEMES, browsing, downloading, sheet
from sizes import settled

# By name: the view. A network is trained before its film is taken.
VIEWS = {
    "welcome": "welcome?picture=3&lam=0.1",
    "step": "step?shows=iterations&picture=3&lam=0.1&T=10",
    "step-100": "step?shows=iterations&picture=3&lam=0.1&T=100",
    "lambda": "lambda?picture=3&lam=0.1",
    "train": "train?data=mnist-5k&epochs=20",
}
SHOWN = 6  # frames of a film in the picture of all


def taken(page: Page, address: str) -> bytes:
    """The film of a view."""
    settled(page, address)
    if "/train?" in address:
        page.locator(".scrubber.training article canvas").first.wait_for(timeout=120_000)
        page.get_by_role("button", name="Play", exact=True).first.click()
        page.get_by_role("slider", name="frame").wait_for(
            timeout=300_000
        )  # comes when the training has ended
        settled(page)
    name, data = downloading.download(page, page.get_by_role("button", name="Film (GIF)"))
    assert name.endswith(".gif"), name
    return data


def read(data: bytes) -> tuple[list[Image.Image], float]:
    """The frames of a film, and how many seconds it takes."""
    with Image.open(io.BytesIO(data)) as opened:
        frames, milliseconds = [], 0
        for k in range(opened.n_frames):
            opened.seek(k)
            frames.append(opened.convert("RGB"))
            milliseconds += opened.info["duration"]
    return frames, milliseconds / 1000


def main(folder: Path) -> None:
    from sc2viz.draw import film

    folder.mkdir(parents=True, exist_ok=True)
    problems = []
    with browsing() as (address, browser):
        for theme in THEMES:
            shown = []
            for name, view in VIEWS.items():
                page = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme=theme)
                data = taken(page, f"{address}/{view}")
                page.close()
                (folder / f"{name}-{theme}.gif").write_bytes(data)
                frames, seconds = read(data)
                wide, high = frames[0].size
                size = f"{len(frames)} frames of {wide} × {high}, {seconds:.1f} s, {len(data) / 1e6:.2f} MB"
                print(f"{name}, {theme}: {size}", flush=True)
                problems += [f"{name}, {theme}: more than {film.SIZE_LIMIT / 1e6:g} MB"] * (
                    len(data) > film.SIZE_LIMIT
                )
                still = all(frame.tobytes() == frames[0].tobytes() for frame in frames)
                problems += [f"{name}, {theme}: all frames are one picture"] * still
                for k in range(SHOWN):
                    shown.append(folder / f"{name}-{theme}-{k}.png")
                    frames[k * (len(frames) - 1) // (SHOWN - 1)].save(shown[-1])
            sheet(shown, folder / f"{theme}.png", SHOWN)
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
