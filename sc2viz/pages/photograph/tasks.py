"""What can be done to a photograph: remove its noise, fill in what is missing, write it with few numbers. Every task shows the
photograph and the answers that are there under the divider, and answers side by side."""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw, ImageFont

from sc2viz import checkpoints, defaults, published
from sc2viz.analysis import phase_transition
from sc2viz.draw import cards, mosaics, patch_sums, style
from sc2viz.jobs.shared_jobs import Task
from sc2viz.pages.photograph import answers, clicked_patch
from sc2viz.pages.photograph.answers import COARSE, MadePicture, levels
from sc2viz.pages.photograph.chosen_photo import BROUGHT, LEARNED, SHIPPED, Photo
from sc2viz.photographs import coding, inpainting
from sc2viz.published.sentences import describe_gates
from sc2viz.solvers import Failed
from sc2viz.ui import cache, models, own, page, phrases, session, url
from sc2viz.ui.models import Model
from sc2viz.ui.untrusted import as_label, shell
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _, count, listed, localized

FOLDER = Path(__file__).parent
MAX_SHOWN = 2_000_000  # pixels of a photograph on the screen
CARD_WIDTH = 338  # px of a card together with the gap beside it
UNITS = {"patch": N_("Atoms a patch"), "position": N_("Filters a position")}
LARGE = 4_200_000  # pixels of a photograph above which one solver cleans it
MAX_PAINTED = 4_000_000  # pixels of the reader's canvas
CLOSE_UP = 64  # pixels that a close-up has a side
TEXT = "sparse coding fills in what is missing  "
BM3D_SOURCE = N_(
    "BM3D (Dabov et al. 2007) was measured once on these pictures with this noise, with the package bm3d 4.0. Its licence "
    "allows non-commercial use alone, so that it is not part of sc2viz."
)


class ShownAnswer(NamedTuple):
    """A picture under its label, which is English; of a solver, or where there is no `model`, of another method."""

    label: str
    result: MadePicture
    model: Model | None = None
    is_coarse: bool = False

    @property
    def name(self) -> str:
        return _(self.label)

    @property
    def is_filled(self) -> bool:
        """Whether pixels were missing, over which `psnr` is then."""
        return not np.isnan(self.result.psnr_missing)

    @property
    def psnr(self) -> str:
        psnr = self.result.psnr_missing if self.is_filled else self.result.psnr
        return "" if np.isnan(psnr) else phrases.decibels(psnr, 2)

    @property
    def note(self) -> str:
        return _("coarse") if self.is_coarse else ""

    @property
    def solver(self) -> str:
        return self.model.solver if self.model else "truth"

    @property
    def numbers(self) -> dict[str, str]:
        """The numbers beside the PSNR by name."""
        result = self.result
        numbers = {
            _("PSNR, whole"): (result.psnr if self.is_filled else np.nan, ".2f"),
            "SSIM": (result.ssim, ".3f"),
            _(UNITS[result.unit]): (result.atoms, ".1f"),
            _("Numbers a pixel"): (result.non_zeros, ".2f"),
            _("Duality gap, %"): (100 * result.gap, ".2f"),
            _("Seconds, one core"): (result.seconds, ".1f"),
        }
        return {
            name: localized(f"{value:{form}}")
            for name, (value, form) in numbers.items()
            if not np.isnan(value)
        }


class PhotoTask:
    """A task for solvers. A derived class has:

    limit            how many solvers work on the photograph
    default_solvers  the labels of those that the page opens with
    settled          what is said once all is there
    suffix           of the names of files
    source           what the solvers are given, a `MadePicture`
    task(model, stride)  what makes an answer of patches that many pixels apart, unless it has `tasks` of its own
    describe()       the sentence of the page
    draw_divider()   the photograph before and after
    draw_figure()    what stands beside it
    files()          what can be taken away beside the answer
    command          of the command line, without the options of a solver
    """

    limit, has_chart = 3, False
    suffix: str
    source: MadePicture
    command: str
    ready: Sequence[Model]  # the chosen models whose dictionary is there
    answers: Sequence[ShownAnswer] = ()  # those that are there so far

    def __init__(self, photo: Photo, is_compared: bool):
        self.photo = photo
        self.is_compared = is_compared  # whether other methods are asked, too
        name = as_label(photo.label.rpartition(".")[0] or photo.label)
        self.stem = f"sc2viz-{name}-{self.suffix.format(sigma=photo.sigma)}"

    def tasks(self, model: Model) -> list[Task]:
        """A quick task and, where there is one, a task for a finer answer."""
        return [self.task(model, stride) for stride in (COARSE, answers.finest(self.photo, model))]

    def draw_controls(self) -> None:
        """Draw what the reader chooses beside the photograph."""

    def other_methods(self) -> dict[str, Task]:
        return {}

    def later(self) -> list[Task]:
        """What else is asked for."""
        return []

    def explain(self) -> str:
        """Why the best answer is as it is."""
        return ""

    def draw_more(self) -> None:
        """Draw what stands behind More."""
        self.draw_cards(self.answers)

    @property
    def solved(self) -> list[ShownAnswer]:
        """The answers of the chosen solvers."""
        return [answer for answer in self.answers if answer.model]

    @property
    def compared(self) -> list[ShownAnswer]:
        """The answers of other methods."""
        return [answer for answer in self.answers if not answer.model]

    @property
    def best(self) -> ShownAnswer | None:
        return max(self.solved, key=lambda answer: answer.result.psnr, default=None)

    @property
    def front(self) -> ShownAnswer | None:
        """The answer on the right of the divider: the one that the reader asks for, or the best."""
        label = url.value("front")
        return next((answer for answer in self.answers if answer.label == label), self.best)

    def draw_cards(self, selection: Sequence[ShownAnswer], has_pictures: bool = True) -> None:
        """Draw answers side by side, with their errors on one scale: how far they are from the photograph, or where that is
        not known without its noise, what was removed."""
        if not selection:
            return
        photo = self.photo
        pixels = (slice(None, None, _reduction(photo.size)),) * 2
        clean = photo.floats(pixels)

        def error_of(answer: ShownAnswer) -> np.ndarray:
            error = np.abs(clean - answer.result.picture[pixels] / 255)
            return error.reshape(*error.shape[:2], -1).mean(2)

        samples = [error_of(answer)[::2, ::2] for answer in self.answers]
        top = mosaics.shared_top(samples) if samples else 0.1
        scale, alt = (
            N_("What was removed, on the same scale for all"),
            N_("what was removed of {name}"),
        )
        if photo.is_clean:
            scale, alt = N_("Error, on the same scale for all"), N_("error of {name}")
        side_by_side = []
        for answer in selection:
            pictures = []
            if has_pictures:
                title = f"{photo.label}, {answer.name}"
                pictures.append(serve(photo, f"card-{answer.label}", answer.result.picture, title))
            if photo.is_clean or answer.result is not self.source:
                error = style.ERROR_TABLE[levels(error_of(answer) / top)]
                name = f"error-{answer.label}"
                pictures.append(serve(photo, name, error, _(alt, name=answer.name)))
            title = _("PSNR, missing") if answer.is_filled else "PSNR"
            bar = "" if side_by_side else f"{cards.error_bar(top)}<small>{_(scale)}</small>"
            side_by_side.append(
                cards.Card(
                    answer.name,
                    answer.solver,
                    answer.note,
                    pictures,
                    (answer.psnr, title) if answer.psnr else None,
                    answer.numbers,
                    bar,
                    style.dash(answer.model) if answer.model else "",
                )
            )
        # The page may be narrower than all cards.
        key = f"photo-cards-{'pictures' if has_pictures else 'errors'}"
        with st.container(key=key, width=CARD_WIDTH * len(side_by_side)):
            page.cards(side_by_side, narrowest=150)

    def mount_divider(self, name: str, data: dict, **take: Callable[[], None]) -> None:
        """Draw the photograph and the answers under a divider: the component of `name`.js, which is given more `data`."""
        photo, front = self.photo, self.front
        tabs = [
            {
                "name": answer.label,
                "label": answer.name,
                "psnr": answer.psnr,
                "source": serve(photo, f"after-{answer.label}", answer.result.picture).url,
                "caption": ", ".join(filter(None, (answer.name, answer.psnr, answer.note))),
                "light": style.colour(answer.solver),
                "dark": style.colour(answer.solver, True),
            }
            for answer in self.answers
        ]
        shared = {
            "title": photo.label,
            "size": list(photo.size),
            "shrunk": 1 / _reduction(photo.size),
            "before": serve(photo, "before", levels(photo.floats())).url,
            "answers": tabs,
            "front": front.label if front else "",
            "sigma": photo.sigma,
        }

        def take_front() -> None:
            st.query_params.update(front=st.session_state[name]["front"])

        component(FOLDER / f"{name}.js", FOLDER / "divider.css")(
            key=name, data=shared | data, on_front_change=take_front, **take
        )

    def take_away(self, chosen: Sequence[Model]) -> None:
        photo, front = self.photo, self.front
        # The answer's button has its place before the answer is there, so that no other moves under the pointer.
        label = front.label if front else next((model.label for model in chosen), "")
        draw = (lambda: front.result.picture) if front else None
        files = [page.png(self.stem, draw, f"{_(label)} (PNG)"), *self.files()]
        calls = {model: self._options(model) for model in chosen}
        lines = [
            " ".join([self.command, *(f"--{name} {shell(str(k))}" for name, k in call.items())])
            for model, call in calls.items()
            if not model.mark
        ]
        page.explained(
            [model for model in chosen if model != models.EXACT],
            files,
            __file__,
            self.has_chart,
            "\n".join(lines),
            photo=photo,
            stem=self.stem,
            few=url.value("few"),
            calls={model.label: call for model, call in calls.items()},
            network=next((f"{k.solver}-yours.safetensors" for k in chosen if k.mark), ""),
            dictionary=own.dictionary.file_name() if photo.dictionary.kind == BROUGHT else "",
        )

    def _options(self, model: Model) -> dict[str, object]:
        """The arguments of `photographs` for a model. A network of the reader's own is ""."""
        photo, solver = self.photo, answers.call_for(self.photo, model).solver
        options = {"solver": solver if isinstance(solver, str) else ""}
        kind = photo.dictionary.kind
        if answers.is_built(model) and not (photo.task == "inpaint" and kind == SHIPPED):
            names = {SHIPPED: coding.FOLDER, LEARNED: coding.LEARNED}
            options["dictionary"] = names.get(kind) or own.dictionary.file_name()
        if photo.task == "denoise":
            options["stride"] = answers.finest(photo, model)
            options["lam"] = answers.asked_lam(photo, model)
        return {name: value for name, value in options.items() if value is not None}

    def table(self) -> page.File:
        """The numbers of the cards as CSV."""
        head = "photograph height width sigma method answer psnr_db psnr_missing_db ssim atoms_a_patch numbers_a_pixel seconds"
        numbers = attrgetter("psnr", "psnr_missing", "ssim", "atoms", "non_zeros", "seconds")
        view = self.photo.label, *self.photo.size, self.photo.sigma
        rows = [
            (*view, answer.label, answer.is_coarse * "coarse", *numbers(answer.result))
            for answer in [ShownAnswer("given", self.source), *self.answers]
        ]
        return page.csv(self.stem, lambda: page.table(head.split(), rows))


def _compare(psnr: float, others: Mapping[str, float]) -> str:
    """How far a PSNR in dB is from those of other methods."""
    distances = []
    for label, rival in others.items():
        distance = N_("{psnr} above {label}") if psnr >= rival else N_("{psnr} below {label}")
        distances.append(_(distance, psnr=phrases.decibels(abs(psnr - rival), 2), label=label))
    return f" {_('That is {comparison}.', comparison=listed(distances))}" if distances else ""


class Denoising(PhotoTask):
    """The noisy photograph is cleaned."""

    suffix = "sigma-{sigma}"
    settled = N_("Drag the divider, or click a place: its code opens below, under More.")

    def __init__(self, photo: Photo, is_compared: bool):
        super().__init__(photo, is_compared)
        self.limit = 3 if photo.pixels <= LARGE else 1
        # As `photographs.denoise` chooses
        best = defaults.PATCHES if photo.has_colour else defaults.PHOTOGRAPHS
        self.default_solvers = (style.label(best),)

    @cached_property
    def source(self) -> MadePicture:
        return answers.noisy(self.photo)

    def task(self, model: Model, stride: int) -> Task:
        return answers.clean(self.photo, model, stride)

    def other_methods(self) -> dict[str, Task]:
        is_compared = self.is_compared and self.photo.pixels <= answers.MAX_MEANS
        return {url.PEER: answers.non_local_means(self.photo)} if is_compared else {}

    def draw_divider(self) -> None:
        photo, caption = self.photo, _("as it came")
        if photo.is_clean:
            caption = _("noisy, {psnr}", psnr=phrases.decibels(self.source.psnr, 2))
        row, column = clicked_patch.chosen_pixel(photo)
        data = {
            "channels": 3 if photo.has_colour else 1,
            "noisy": not photo.is_clean,
            "caption": caption,
            "place": {"row": row, "column": column, "side": coding.PATCH},
        }

        def take_place() -> None:
            place = map(int, st.session_state["cleaned"]["place"])
            st.query_params.update(zip(("row", "column"), map(str, place), strict=True))
            st.session_state["more"] = True

        self.mount_divider("cleaned", data, on_place_change=take_place)

    def describe(self) -> str:
        photo, best = self.photo, self.best
        facts = {"name": photo.name, "sigma": photo.sigma}
        if not best:
            return _("The noise of **{name}**, σ = {sigma}, is being removed.", **facts)
        facts |= {"solver": best.name, "psnr": best.psnr}
        if not photo.is_clean:
            return _("**{solver}** removes the noise of **{name}**, σ = {sigma}.", **facts)
        others = {_("non-local means"): answer.result.psnr for answer in self.compared}
        if (bm3d := self._stored_bm3d()) is not None:
            others["BM3D"] = bm3d
        sentence = _("**{solver}** brings {name} to **{psnr}**.", **facts)
        return sentence + _compare(best.result.psnr, others)

    def _stored_bm3d(self) -> float | None:
        """The PSNR of BM3D in dB, where it was measured."""
        photo = self.photo
        level = published.read("photographs")["methods"]["bm3d"]["levels"].get(str(photo.sigma))
        if not level or photo.is_private or photo.has_colour:
            return None
        return level["pictures"].get(photo.label)

    def explain(self) -> str:
        best = self.best
        if not best:
            return ""
        writes = N_("The picture is a sum of filters, {atoms:.1f} at each position on average.")
        if best.result.unit == "patch":
            writes = N_(
                "Every patch is a sum of {atoms:.1f} atoms on average, and a pixel is the average of the patches that cover it."
            )
        sentences = [_(writes, atoms=best.result.atoms)]
        if best.model.file and checkpoints.notes(best.model.file).get("loss") == "denoising":
            sentences.append(
                _(
                    "{solver}’s atoms and thresholds were trained to return clean patches from noisy ones, instead of to "
                    "minimise F.",
                    solver=best.name,
                )
            )
        return " ".join(sentences)

    def draw_figure(self) -> None:
        self.draw_cards(self.solved, has_pictures=False)
        st.markdown(
            _(
                "In each patch a photograph is nearly a sum of few atoms, and noise is not: a sparse code tells them apart by "
                "this. Fine texture takes many atoms, too, and some of it goes with the noise: it is bright in the picture of "
                "the error. Can the same atoms say what was never seen? Inpaint asks that."
            )
        )

    def draw_more(self) -> None:
        if self.patch:
            clicked_patch.draw(self.photo, *self.patch, self.ready)
        else:
            st.caption(_("A patch and its code are shown here once the atoms are learned."))
        self.draw_cards([ShownAnswer(N_("Noisy"), self.source), *self.compared])
        if self._stored_bm3d() is not None:
            st.caption(_(BM3D_SOURCE))
        if gates := describe_gates(published.read("gates")):
            st.caption(f"{_('**Do the gates help?**')} {gates}")

    @cached_property
    def patch(self) -> tuple[Model, clicked_patch.ClickedPatch] | None:
        """What a model makes of the chosen pixel: that of the answer in front, unless it fails."""
        front = self.front
        for model in sorted(self.ready, key=lambda model: not front or model != front.model):
            try:
                return model, clicked_patch.look_at(self.photo, model)
            except Failed:  # its answer fails as well, which is named
                continue
        return None

    @property
    def command(self) -> str:
        source = f"{self.stem}-noisy.png" if self.photo.is_clean else self.photo.label
        return f"sc2viz denoise {shell(source)} clean.png --sigma {self.photo.sigma}"

    def files(self) -> list[page.File]:
        noisy = self.source.picture
        patch = [clicked_patch.download(self.patch[1])] if self.is_compared and self.patch else []
        name = f"{self.stem}-noisy"
        return [
            page.png(name, lambda: noisy, _("Noisy (PNG)")),
            self.table(),
            *patch,
        ]


class Filling(PhotoTask):
    """What is missing is filled in from the other pixels of its patches.

    lost: where pixels are missing before the reader paints, painted: where they painted, missing: both, (h, w) bool.
    canvas: what the reader paints on; another choice of what is missing begins without what was painted."""

    limit, suffix, default_solvers = 2, "filled", (style.label(defaults.FILLS),)
    settled = N_(
        "Paint over the photograph for more, with a finger once “painted” is chosen. Drag the divider by its handle."
    )

    def draw_controls(self) -> None:
        photo, kind = self.photo, url.widget("lost")
        if kind == "random":
            share = url.widget("share", width=300)
            self.lost = np.random.RandomState(0).random_sample(photo.size) < share / 100
        else:
            image = Image.new("1", photo.size[::-1])
            if kind == "text":
                draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=22)
                for line, top in enumerate(range(4, photo.size[0], 36)):
                    text = (TEXT * 40)[11 * line % len(TEXT) :][: photo.size[1] // 8]
                    draw.text((2, top), text, fill=1, font=font)
            self.lost = np.array(image)
        self.canvas = photo.mark, photo.size, kind
        canvas, painted = session.painted
        self.painted = painted if canvas == self.canvas else None
        self.missing = self.lost if self.painted is None else self.lost | self.painted
        missing = int(self.missing.sum())
        self.amount = count(missing, "pixel") if missing else ""
        if not missing:
            self.ready = []

    @cached_property
    def source(self) -> MadePicture:
        return answers.with_holes(self.photo, self.missing)

    def task(self, model: Model, stride: int) -> Task:
        return answers.fill_in(self.photo, model, self.missing, stride)

    def other_methods(self) -> dict[str, Task]:
        if not (self.is_compared and self.amount and self.is_quick):
            return {}
        return {answers.BIHARMONIC: answers.biharmonic(self.photo, self.missing)}

    @property
    def is_quick(self) -> bool:
        """Whether biharmonic interpolation is: with nine tenths missing of camera, it takes 44 s and a gigabyte."""
        is_small = self.photo.pixels <= answers.MAX_BIHARMONIC
        return is_small and self.missing.mean() <= answers.MAX_MISSING

    def draw_divider(self) -> None:
        photo, caption = self.photo, _("paint over a part")
        if self.amount:
            caption = _("{amount} missing", amount=self.amount)

        def address(name: str, mask: np.ndarray | None) -> str | None:
            """Of a PNG that is white where `mask` is True, else transparent."""
            if mask is None or not mask.any():
                return None
            return serve(photo, name, np.uint8(255) * mask[..., None].repeat(4, 2)).url

        data = {
            "mask": address("mask", self.lost),
            "painted": address("painted", self.painted),
            "caption": caption,
            "place": None,
        }

        def take_painted() -> None:
            """Keep what the reader painted: the PNG of a canvas, on the scale of the screen."""
            content = str(st.session_state["painter"]["painted"]).partition(",")[2]
            with Image.open(io.BytesIO(base64.b64decode(content)), formats=("PNG",)) as image:
                if image.width * image.height > MAX_PAINTED:
                    raise ValueError("what was painted is larger than a screen: reload the page")
                alpha = image.convert("RGBA").getchannel("A").resize(photo.size[::-1])
            mask = np.asarray(alpha) > 127
            session.painted = (self.canvas, mask if mask.any() else None)

        self.mount_divider("painter", data, on_painted_change=take_painted)

    def describe(self) -> str:
        facts, best = {"name": self.photo.name, "amount": self.amount}, self.best
        if not self.amount:
            return _(
                "Paint over something in the photograph, and it is filled in from what surrounds it."
            )
        if not best:
            return _("**{name}** is being filled in: {amount}.", **facts)
        others = {_("biharmonic interpolation"): k.result.psnr_missing for k in self.compared}
        return _(
            "**{solver}** fills in {amount} of **{name}** with **{psnr}** over these pixels.",
            solver=best.name,
            psnr=best.psnr,
            **facts,
        ) + _compare(best.result.psnr_missing, others)

    def explain(self) -> str:
        if not self.best:
            return ""
        B = self.photo.dictionary.B
        d_x, d_s = (coding.PATCH**2, coding.ATOMS) if B is None else B.shape
        numbers = inpainting.count_known(self.missing, d_x)
        mean = numbers.mean().item()
        message = N_(
            "Each known number of a patch is a measurement, an equation for its code: where pixels are missing, "
            "**{mean:.0f}** of {total} on average. In theory, for random atoms, ℓ1 can tell about **{k:.1f}** atoms in use from "
            "so many. What needs more is guessed."
        )
        if not numbers.min():
            message = N_(
                "Each known number of a patch is a measurement, an equation for its code: where pixels are missing, "
                "**{mean:.0f}** of {total} on average, and **none** where most are. Of such a patch nothing is known: what "
                "is seen there continues the guesses around it."
            )
        k = mean * phase_transition.weak_threshold(min(mean / d_s, 0.99))
        return _(message, mean=mean, k=k, total=d_x)

    def draw_figure(self) -> None:
        """Draw a part of the photograph, of what is known of it, and of the answers, around a missing pixel."""
        if not self.amount:
            return
        size = self.photo.size
        holes, middle = np.argwhere(self.missing), np.multiply(clicked_patch.OPENING_PLACE, size)
        nearest = holes[np.abs(holes - middle).sum(1).argmin()]
        corner = np.clip(nearest - CLOSE_UP // 2, 0, np.maximum(np.subtract(size, CLOSE_UP), 0))
        region = tuple(slice(int(first), int(first) + CLOSE_UP) for first in corner)
        close_ups = [
            (_("Photograph"), levels(self.photo.floats(region))),
            (_("Missing"), self.source.picture[region]),
            *((answer.name, answer.result.picture[region]) for answer in self.answers),
        ]
        st.markdown(_("**Close up**"))
        st.html(patch_sums.draw_close_ups(close_ups))

    def draw_more(self) -> None:
        st.markdown(
            _(
                "Every patch is coded from the pixels of it that are known, which the mask $M$ keeps. A solver that takes no "
                "mask guesses the others, and guesses again from what it makes of them. Known pixels stay as they are."
            )
        )
        st.latex(r"\min_s\ \tfrac12\lVert M(x - Bs)\rVert^2 + \lambda\lVert s\rVert_1")
        if self.amount:
            self.draw_cards([ShownAnswer(N_("Missing"), self.source), *self.answers])
            if not self.is_quick:
                st.caption(
                    _(
                        "Biharmonic interpolation is not compared: with so many pixels missing, or in so large a photograph, "
                        "it takes too long."
                    )
                )

    @property
    def command(self) -> str:
        return f"sc2viz inpaint {shell(f'{self.stem}-before.png')} {shell(f'{self.stem}-mask.png')} filled.png"

    def files(self) -> list[page.File]:
        mask, clean = np.uint8(255) * self.missing, levels(self.photo.floats())
        return [
            page.png(f"{self.stem}-mask", lambda: mask, _("Mask (PNG)")),
            page.png(f"{self.stem}-before", lambda: clean, _("Photograph (PNG)")),
            self.table(),
        ]


class Writing(PhotoTask):
    """The photograph is written with few numbers."""

    default_solvers = style.label(defaults.WRITES), models.EXACT.label
    settled = N_("Drag the divider. Move the slider for more or fewer numbers.")
    has_chart, suffix = True, "few"

    def draw_controls(self) -> None:
        self.few = url.widget("few", width=420)

    @cached_property
    def source(self) -> MadePicture:
        return MadePicture(levels(self.photo.floats()), non_zeros=1.0)

    def tasks(self, model: Model) -> list[Task]:
        return [answers.approximate(self.photo, model, self.few, is_quick=True)]

    def later(self) -> list[Task]:
        """What is made with other numbers a pixel: of that, the numbers are kept, and no pictures."""
        numbers, missing = answers.desk().numbers, []
        self.points: dict[Model, list[tuple[float, float]]] = {}  # numbers a pixel, PSNR in dB
        for model in self.ready:
            self.points[model] = []
            for number in url.domain("few").options:
                task = answers.approximate(self.photo, model, number, is_quick=number == self.few)
                if (result := answers.desk().find(task)) is not None:
                    numbers[task.key] = result.non_zeros, result.psnr
                if task.key in numbers:
                    self.points[model].append(numbers[task.key])
                else:
                    missing.append(task)
        return missing

    def draw_divider(self) -> None:
        data = {"channels": 1, "noisy": True, "caption": _("the photograph"), "place": None}
        self.mount_divider("cleaned", data, on_place_change=lambda: None)

    def describe(self) -> str:
        name, best = self.photo.name, self.best
        if not best:
            return _(
                "**{name}** is being written with {number:g} numbers a pixel.",
                name=name,
                number=self.few,
            )
        return _(
            "**{solver}** writes **{name}** with {number:.2g} numbers a pixel, at **{psnr}**.",
            solver=best.name,
            name=name,
            number=best.result.non_zeros,
            psnr=best.psnr,
        )

    def draw_figure(self) -> None:
        lines = [
            patch_sums.PsnrCourse(
                _(model.label),
                model.solver,
                *np.reshape(sorted(points), (-1, 2)).T,
                style.dash(model),
            )
            for model, points in self.points.items()
        ]
        dark = st.context.theme.type == "dark"
        page.chart(patch_sums.draw_psnr_by_numbers(lines, self.few, dark), key="few-chart")
        st.caption(
            _(
                "Patches lie side by side. A photograph has one number a pixel, so that 0.1 is a tenth."
            )
        )

    @property
    def command(self) -> str:
        label = self.photo.label if self.photo.is_private else f"{self.photo.label}.png"
        return f"sc2viz approximate {shell(label)} few.png --non-zeros {self.few}"

    def files(self) -> list[page.File]:
        head = "method", "numbers_a_pixel", "psnr_db"
        rows = [(model.label, *point) for model, line in self.points.items() for point in line]
        return [page.csv(self.stem, lambda: page.table(head, rows))]


TASKS = {"denoise": Denoising, "inpaint": Filling, "approximate": Writing}


# Pictures on the screen -------------------------------------------------------------------------------------------------


def _reduction(size: tuple[int, int]) -> int:
    """By how much a side is reduced on the screen."""
    return int(np.ceil((size[0] * size[1] / MAX_SHOWN) ** 0.5))


def serve(photo: Photo, name: str, picture: np.ndarray, alt: str = "") -> cards.Served:
    """A picture (h, w) or (h, w, channels) uint8, reduced to what a screen shows."""
    factor = _reduction(picture.shape[:2])
    size = -(-picture.shape[1] // factor), -(-picture.shape[0] // factor)
    content = _png(picture, factor, private=photo.is_private)
    return page.served(content, f"photograph-{name}", alt, size)


@cache.cached
def _png(picture: np.ndarray, factor: int) -> bytes:
    return mosaics.png(np.asarray(Image.fromarray(picture).reduce(factor)), 3)
