"""Pictures that no network has learned from, and how far a network runs away on them.

A network is trained on pictures of one kind, and readers show it others: inverted ones, brighter ones, letters, their own
drawings. Beyond the iterations that it was trained for its codes may then grow without end. The measure is F over F(0), F(0)
= ½‖x‖² being that of the code of zeros: a network that runs away is above 2.
"""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from sc2viz.data import Images
from sc2viz.evaluation import objective_along
from sc2viz.solvers import Solver, unroll

LAMBDAS = (0.01, 0.03, 0.1, 0.3, 1.0)
HORIZONS = (10, 20, 50, 100, 300)
RUNS_AWAY = 2.0  # F over F(0)
ROWS, TEST_SEED = 20, 1
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabdefghkmnqrtuy"
FINER = 8  # letters and drawings are drawn so many times as large, and reduced


def pictures(images: Images, rows: int = ROWS, seed: int = TEST_SEED) -> dict[str, Tensor]:
    """Return pictures of unusual kinds as rows (n, d_x), by the names of the kinds, n being `rows`; those that are changed ones
    come from the first of `images`.

    ValueError where `images` are no pictures.
    """
    if images.shape is None:
        raise ValueError(
            f"unusual pictures need a height and a width, and rows of {images.name} have none"
        )
    x, shape, rng = images.pixels[:rows], images.shape, np.random.RandomState(seed)
    turned = (
        x.reshape(-1, *shape).rot90(1, (1, 2)).reshape(len(x), -1)
        if shape[0] == shape[1]
        else x.flip(1)
    )
    spot = np.zeros((rows, shape[0] * shape[1], shape[2]), np.float32)
    spot[np.arange(rows), rng.randint(spot.shape[1], size=rows)] = 1
    kinds = {
        "inverted": 1 - x,
        "turned by 90°": turned,
        "× 0.1": 0.1 * x,
        "× 3": 3 * x,
        "constant": np.linspace(0.1, 1, rows)[:, None].repeat(x.shape[1], 1),
        "one pixel": spot,
        "uniform noise": rng.uniform(size=(rows, x.shape[1])),
        "letters": np.stack([_draw(_draw_letter, shape, rng) for _ in range(rows)]),
        "drawings": np.stack([_draw(_draw_strokes, shape, rng) for _ in range(rows)]),
        # what nobody shows, but may be computed
        "−x": -x,
        "Gaussian noise": rng.standard_normal((rows, x.shape[1])),
    }
    return {
        kind: torch.as_tensor(values, dtype=x.dtype).reshape(-1, x.shape[1])
        for kind, values in kinds.items()
    }


@torch.no_grad()
def growth(solver: Solver, x: Tensor, lam: float, horizons: Sequence[int] = HORIZONS) -> Tensor:
    """Return F over F(0) of x (n, d_x) after each number of iterations: (len(horizons), n) float64, infinity where F is none."""
    states = unroll(solver, x, lam, max(horizons), record=True)
    codes, x = torch.stack([states[steps].codes for steps in horizons]), solver.centred(x)
    F = objective_along(x, codes, solver.dictionary, lam) / (0.5 * x.double().square().sum(1))
    return F.nan_to_num(torch.inf, posinf=torch.inf)


def table(
    solver: Solver,
    images: Images,
    rows: int = ROWS,
    seed: int = TEST_SEED,
    lambdas: Sequence[float] = LAMBDAS,
) -> dict[str, Tensor]:
    """Return the largest F over F(0) of the rows of each kind, (len(lambdas), len(HORIZONS)): a cell of it for each λ and T."""
    kinds = pictures(images, rows, seed)
    x = torch.cat([*kinds.values()])
    growths = torch.stack([growth(solver, x, lam) for lam in lambdas])
    tables = growths.split([*map(len, kinds.values())], dim=2)
    return {kind: cells.amax(2) for kind, cells in zip(kinds, tables, strict=True)}


def count_run_away(table: dict[str, Tensor]) -> tuple[int, int]:
    """Return how many cells of a `table` are above `RUNS_AWAY`, and how many there are."""
    cells = torch.stack([*table.values()])
    return int((cells > RUNS_AWAY).sum()), cells.numel()


def _draw(draw, shape: tuple[int, int, int], rng: np.random.RandomState) -> np.ndarray:
    """Return a picture (h, w, channels) in [0, 1] of what `draw` puts on paper: white on black, or two colours."""
    high, wide, channels = shape
    sheet = Image.new("L", (FINER * wide, FINER * high))
    draw(ImageDraw.Draw(sheet), sheet.size, rng)
    ink = np.asarray(sheet.resize((wide, high), Image.Resampling.BOX), np.float32)[..., None] / 255
    paper, pen = (0.0, 1.0) if channels == 1 else rng.uniform(size=(2, channels))
    return paper + ink * (pen - paper)


def _draw_letter(
    sheet: ImageDraw.ImageDraw, size: tuple[int, int], rng: np.random.RandomState
) -> None:
    """Draw a random letter on the sheet of `size` (width, height)."""
    font = ImageFont.load_default(min(size) * rng.uniform(0.7, 1.1))
    middle = tuple(side * rng.uniform(0.45, 0.55) for side in size)
    sheet.text(middle, LETTERS[rng.randint(len(LETTERS))], 255, font, anchor="mm")


def _draw_strokes(
    sheet: ImageDraw.ImageDraw, size: tuple[int, int], rng: np.random.RandomState
) -> None:
    """Draw one to four random lines or ellipses on the sheet of `size` (width, height)."""
    for _ in range(rng.randint(1, 5)):
        corners = rng.uniform(0.05, 0.95, size=(rng.randint(2, 5), 2)) * size
        thick = round(min(size) * rng.uniform(0.04, 0.16))
        if rng.uniform() < 0.3:
            (x0, top), (right, bottom) = corners[:2].min(0), corners[:2].max(0)
            sheet.ellipse((x0, top, right, bottom), outline=255, width=thick)
        else:
            sheet.line([tuple(corner) for corner in corners], 255, thick, joint="curve")
