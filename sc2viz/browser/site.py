"""A site that any static host serves: sparse coding in parts with addresses of their own, which need no server.

Its parts are the app's own components, and the browser computes all codes that they show (coder.js). The pictures of a data
set are to them what a drawing is in the app. Nothing is asked of another host.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sc2viz import arguments, defaults, lasso, words
from sc2viz.analysis import atom_statistics, sweeps
from sc2viz.browser import modules, panels, readings, stepping, stops, wire_format
from sc2viz.browser.board import Codes, Column
from sc2viz.browser.comparison import Entry, Moving, brightest, comparison
from sc2viz.browser.export import export
from sc2viz.browser.live_page import check_numbers, check_words, labelled, pad, shape_of_rows
from sc2viz.browser.recorder import Unexportable
from sc2viz.draw import activations, atoms, cards, mosaics, style
from sc2viz.draw.mosaics import Lines, Shape
from sc2viz.evaluation import in_use
from sc2viz.files import atomic
from sc2viz.solvers import Failed, Solver
from sc2viz.solvers.fista import momenta
from sc2viz.solvers.weights import step_size
from sc2viz.words import N_, _, a, templates

PICTURE = "{picture}"  # in whose place the browser writes what the picture at hand is called
OUTSIDE = -9.0  # what the components have in the place of a picture: no picture is of such pixels, so all are computed
_SHEETS = (
    "everywhere.css",
    "live.css",
    "pad.css",
    "sliders.css",
    "cards.css",
    "board.css",
    "ideas.css",
    "site.css",
)
# The components, with the style sheets of those that stand in a shadow root.
PARTS: dict[str, tuple[str, ...]] = {
    "sentence": (),
    "sum": ("sum.css",),
    "board": (),
    "player": ("scrubber.css", "panels.css", "layouts.css"),
    "tiles": ("tiles.css",),
    "ideas/why_zeros": (),
    "ideas/one_iteration": (),
    "ideas/one_weight": (),
    "ideas/two_alike": (),
    "ideas/dual_bound": (),
    "ideas/ista_to_lstm": (),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
)
ONE_FILE = "sc2viz.html"  # the site in one file, which opens from the disk, too
_POLICY_OF_ONE_FILE = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, eq=False)
class Site:
    """The files of a site, by their paths below its folder."""

    files: Mapping[str, bytes]

    def save(self, folder: str | Path) -> Path:
        """Write the files, all of them or none; return the page's path. What else the folder has stays."""
        with atomic.replacing_folder(folder) as temporary:
            for name, content in self.files.items():
                path = temporary / name
                path.parent.mkdir(parents=True, exist_ok=True)
                atomic.write_bytes(path, content)
        return Path(folder) / "index.html"


@dataclass(frozen=True, eq=False)
class DataSet:
    """What the site knows of a data set: what is for JSON, its files, and a sentence for each solver that it has not."""

    name: str
    about: dict
    files: dict[str, bytes]
    notes: list[str]


def data_set(
    x: Tensor,
    B: Tensor,
    chosen: Sequence[Solver | str] | Mapping[str, Solver] = (),
    *,
    name: str = "data",
    lam: float = 0.1,
    steps: int = 10,
    shape: Shape | None = None,
    names: Sequence[tuple[str, str]] = (),
    noun: str = "picture",
    absent: Mapping[str, str] = {},
    tours: Sequence[dict] = (),
) -> DataSet:
    """A data set of the site. x (n, d_x): pictures to choose from, of which the first is shown; B (d_x, d_s); chosen: as for
    `live_page.live`; lam and steps: where the sliders stand at first; names: of each picture what it is called, and how a
    sentence about it begins ("Digit 3, a 7", "This 7"); noun: what a canvas to draw on asks for; absent: names of solvers
    whose chips are off, with the reason; tours: the app's, whose answers are of this data set (`ui.tours.static`).

    ValueError for x, B, λ, T and texts of another kind, and where two solvers have one label."""
    check_words(name, noun, "")
    arguments.floats("x", x, "n", "d_x")
    lam, steps = check_numbers(x, B, lam, steps)
    x, B = x.detach().float().resolve_neg(), B.detach().float().resolve_neg()
    shape = shape_of_rows(x.numpy(), shape)
    common, files, told, notes = [wire_format.exactly(each.numpy()) for each in (B, x)], {}, [], []
    entries: list[Entry] = []
    for label, make in labelled(chosen, B):
        try:
            entry, one, content = _brought(
                label, make(), B, lam, steps, {parcel.name for parcel in common}
            )
        except (Failed, Unexportable) as error:  # it costs this solver its chip and nothing else
            notes.append(str(error))
            continue
        if entry.label in (each.label for each in entries):
            raise ValueError(f"two solvers are called {entry.label}: give each a label of its own")
        entries.append(entry)
        slug = re.sub(r"[^a-z0-9]+", "-", entry.label.lower()).strip("-")
        told.append(
            one
            | {
                "name": slug,
                "file": f"data/{name}/{slug}.json",
                "opens": one["name"] in defaults.OPENS,
            }
        )
        files[told[-1]["file"]] = content
    codes = lasso.path(x, B, stops.LAM[0]).at_each(stops.LAM).float()
    shown, arrays = _components(x, B, codes, shape, lam, steps, entries, told)
    about, share, drawn = _atoms(B, codes, shape, name)
    data = (
        shown
        | about
        | {
            "name": name,
            "B": common[0].label(),
            "pictures": common[1].label(),
            "peak": mosaics.span(shape),
            "solvers": told,
            "absent": [
                {
                    "label": style.label(each),
                    "why": why,
                    "colour": style.themed(each),
                    "mark": style.mark(each),
                }
                for each, why in absent.items()
            ],
            "names": [list(pair) for pair in names or [name_of(k, None) for k in range(len(x))]],
            "pad": pad(shape, noun),
            "knobs": [
                {
                    "key": key,
                    "label": _(label),
                    "value": {"lam": lam, "T": steps}[key],
                    "whole": key == "T",
                    "stops": list(stops.with_own(stops.MARKS[key], {"lam": lam, "T": steps}[key])),
                }
                for key, label in stops.LABELS.items()
            ],
            "alike": {
                "labels": list(map(style.label, defaults.UNTRAINED)),
                "colours": list(map(style.themed, defaults.UNTRAINED)),
            },
            "unfold": {"momenta": momenta(stops.T[-1]), "tau": float(step_size(B))},
            "colours": {
                theme: activations.colours(dark)
                for theme, dark in (("light", False), ("dark", True))
            },
            "tours": list(tours),
            "parcels": wire_format.texts([*common, *arrays, share]),
        }
    )
    return DataSet(name, data, files | drawn | {f"data/{name}.json": _json(data)}, notes)


def site(
    sets: Sequence[DataSet],
    *,
    title: str = N_("Sparse coding, step by step"),
    link: str = "",
    fonts: Mapping[str, bytes] = {},
    translated: Mapping[str, Sequence[DataSet]] = {},
) -> Site:
    """The site of these data sets, of which it opens the first. link: where the app is, https://… or http://…; fonts: files
    by name, of which the page knows sans.woff2 and serif.woff2; translated: the sets by language, such as "de", that are
    made while it is spoken. What they say otherwise than the English ones is in files of their own, so that a reader loads
    one language."""
    check_words(title, "", link)
    first, parts = sets[0], ""
    files = {name: content for each in sets for name, content in each.files.items()}
    files |= {f"fonts/{name}": content for name, content in fonts.items()}
    for name, sheets in PARTS.items():
        script = modules.joined(modules.FOLDER / f"{name}.js")
        html = (
            (modules.FOLDER / f"{name}.html").read_text("utf-8")
            if (modules.FOLDER / f"{name}.html").is_file()
            else ""
        )
        more = f"\nexport const css = {json.dumps(modules.sheet(*sheets) if sheets else '')};\nexport const html = "
        files[f"parts/{name.rpartition('/')[2]}.js"] = modules.bare(
            f"{script}{more}{json.dumps(html)};\n"
        ).encode()
        parts += script + html
    files["site.css"] = "\n".join(map(modules.style, _SHEETS)).encode()
    script = modules.joined(modules.FOLDER / "site.js")
    files["site.js"] = modules.bare(script).encode()
    for language, there in {words.ENGLISH: sets, **translated}.items():
        with words.speaking(language):
            given = {
                "sets": [each.name for each in sets],
                "link": link,
                "title": _(title),
                "notes": [note for each in there for note in each.notes],
            }
            ending = "" if language == words.ENGLISH else f".{words.tag()}"
            files[f"site{ending}.json"] = _json(
                given | ({"words": words.messages_in(script + parts)} if ending else {})
            )
            for one, own in zip(sets, there, strict=True) if ending else ():
                said = {key: value for key, value in own.about.items() if value != one.about[key]}
                files[f"data/{one.name}{ending}.json"] = _json(said)
    page = _page_data(title, translated)
    files["index.html"] = templates.filled(
        __file__, **page, policy=_POLICY, first=first.name, fonts=bool(fonts), whole=None
    ).encode()
    files[ONE_FILE] = _one_file(files, page).encode()
    stamp = hashlib.blake2b(
        b"".join(files[name] for name in sorted(files)), digest_size=8
    ).hexdigest()
    worker = (modules.FOLDER / "worker.js").read_text("utf-8")
    kept = [name for name in files if name not in ("index.html", ONE_FILE)]
    listed = {"stamp": stamp, "files": ["./", *kept]}
    files["worker.js"] = f"self.SITE = {json.dumps(listed)};\n{modules.bare(worker)}".encode()
    return Site(files)


def name_of(row: int, word: str | None, noun: str = "picture") -> tuple[str, str]:
    """What a picture of the class `word`, or a row, is called, and how a sentence about it begins: "Picture 3, a 7" and
    "This 7"."""
    name = _("Row {row}", row=row) if noun == "row" else _("Picture {row}", row=row)
    if word is None:
        return name, _("This row") if noun == "row" else _("This picture")
    return _("{row}, {label}", row=name, label=a(word)), _("This {name}", name=word)


def _brought(
    label: str, solver: Solver, B: Tensor, lam: float, steps: int, known: set[str]
) -> tuple[Entry, dict, bytes]:
    """A solver of the site: its card, whose numbers the browser writes; what coder.js and the chips take; and its file, with
    its graph and the arrays that are not `known`."""
    graph, beyond = export(solver), sweeps.guard(solver)
    dictionary, offset = (
        solver.dictionary.detach(),
        None if solver.offset is None else solver.offset.detach().numpy(),
    )
    own, label = (
        offset is not None or not torch.equal(dictionary, B),
        label or style.label(solver.name),
    )
    notes = getattr(solver, "notes", None) or {}
    note = _("untrained") if solver.traits.learned and not notes else ""
    note = note if beyond is None else _("with the safeguard beyond T = {beyond}", beyond=beyond)
    aside = readings.aside(solver.traits, offset is not None)
    moving = _still(dictionary, lam, own and not solver.traits.positive, offset)
    parcels = [*graph.parcels, *([] if offset is None else [wire_format.exactly(offset)])]
    told = {
        "name": solver.name,
        "label": label,
        "summary": _(solver.summary).replace("$", ""),
        "own": own,
        "positive": solver.traits.positive,
        "ranked": not aside,
        "offset": None if offset is None else parcels[-1].label(),
        "guard": None
        if beyond is None
        else {"beyond": beyond, "tau": float(step_size(dictionary))},
        "trained": max(solver.steps, notes.get("horizon") or 0) if solver.traits.learned else None,
        "colour": style.themed(solver.name),
        "mark": style.mark(solver.name),
        "dash": " ".join(map(str, style.lengths(style.own_dash(solver.name)))),
        "gates": {"input_gate", "forget_gate"} <= {*solver.traits.gates} and solver.traits.learned,
        "activation": (solver.traits.activation or "").replace("-", " "),
        "capped": getattr(solver, "norm", None) is not None,
    }
    content = {
        "graph": graph.data,
        "parcels": wire_format.texts(each for each in parcels if each.name not in known),
    }
    return Entry(label, solver.name, moving, note, aside=aside), told, _json(content)


def _still(dictionary: Tensor, lam: float, own: bool, offset: np.ndarray | None) -> Moving:
    """The code of zeros, in whose place the browser puts what it computes. A network with `own` atoms may be below the
    optimum."""
    empty = torch.zeros(1, 1, dictionary.shape[1])
    sweep = sweeps.measured(
        torch.full((1, len(dictionary)), OUTSIDE), empty, dictionary, [lam], lam
    )
    far = {"lam": np.array([-1.0 if own else 0.0])}
    return Moving(dictionary.numpy(), {"lam": sweep}, far, far if own else None, offset=offset)


def _components(
    x: Tensor,
    B: Tensor,
    codes: Tensor,
    shape: Shape,
    lam: float,
    steps: int,
    entries: list[Entry],
    told: list[dict],
) -> tuple[dict, list]:
    """What the sum of atoms, the board and the player are given, and their arrays. Each solver has its cards' HTML, so that
    the browser shows those that are chosen."""
    order = sorted(range(len(entries)), key=lambda k: entries[k].aside != "")
    entries[:], told[:] = [entries[k] for k in order], [told[k] for k in order]
    top = brightest(x.numpy(), shape, ((codes[-1:].numpy(), B.numpy()),))
    largest, least = codes.flatten(0, 1).max(0).values, codes.flatten(0, 1).min(0).values
    best = _still(B, lam, False, None)
    reach = stepping.reach_of(torch.stack([largest, least])[:, None].numpy())
    spread = torch.where(largest > -least, largest, least)[None, None]
    scaled = replace(best, sweeps={"lam": replace(best.sweeps["lam"], codes=spread.numpy())})
    outside, at = np.full((1, len(B)), OUTSIDE, np.float32), {"lam": lam, "T": steps}
    board = comparison(outside, shape, {"lam": [lam]}, at, scaled, entries, PICTURE, lambda *_: top)
    data, arrays = replace(
        board, columns=[replace(each, atoms=None) for each in board.columns], cards=()
    ).message()
    shown = {"board": data | {"cards": [_allowed(cards.figure(card)) for card in board.cards]}}

    tops, columns = (
        {"t": top.tolist()},
        [Column(), Column(None, {"t": best.sweeps["lam"].codes}, by=stepping.EXACT)],
    )
    groups = [stepping.target(PICTURE, tops, reach)]
    for entry in entries:
        moving, place, colour = entry.moving, len(columns), style.themed(entry.solver)
        empty = {"t": moving.sweeps["lam"].codes}
        columns.append(Column(None, empty, moving.offset, entry.label))
        columns += [Column(None, empty, by=entry.label, best=True)] if moving.own else []
        names = stepping.readings(bool(entry.aside), moving)
        drawn = stepping.panels(entry.label, place, moving, reach, colour, bool(moving.own))
        groups.append(
            panels.Group(
                entry.label,
                colour,
                drawn,
                entry.note,
                dict.fromkeys(names, [""]),
                solver=entry.solver,
                dash=style.own_dash(entry.solver),
                below=bool(entry.aside),
                reads=stepping.reads(place, names),
            )
        )
    lines = [
        panels.Line(
            entry.label,
            np.ones(2),
            style.themed(entry.solver),
            style.lengths(style.own_dash(entry.solver)),
            by=entry.label,
        )
        for entry in entries
        if not entry.aside
    ]
    moves = Codes(
        outside, shape, {"t": range(stops.T[-1] + 1)}, at | {"t": 0}, columns, tops, board.code_top
    )
    data, more = moves.message()
    sent = [
        {"html": _allowed(panels.card(group)), "panels": [panel.data() for panel in group.panels]}
        for group in groups
    ]
    wide = stepping.distance(lines, [])
    shown["step"] = data | {
        "groups": sent,
        "distance": {"html": _allowed(panels.html([], [wide])), "panel": wide.data()},
    }
    summed = {"lam": best.sweeps["lam"].codes}
    data, last = Codes(
        outside,
        shape,
        {"lam": [lam]},
        at,
        [Column(), Column(None, summed, by=stepping.EXACT)],
        {"lam": [mosaics.span(shape)]},
    ).message()
    noun = "row" if isinstance(shape, Lines) else "picture"
    shown["sum"] = data | {
        "noun": noun,
        "named": {},
        "hand": True,
        "start": None,
        "turns": 0,
        "contrast": 1,
    }
    return shown, [*arrays, *more, *last]


def _allowed(html: str) -> str:
    """HTML whose styles the browser's scripts set (follow.js), since the policy of the site allows none in attributes."""
    return html.replace(' style="', ' data-style="')


def _atoms(
    B: Tensor, codes: Tensor, shape: Shape, name: str
) -> tuple[dict, wire_format.Parcel, dict[str, bytes]]:
    """The grid of all atoms as a picture in each theme, how many of the pictures use them at each λ, and how alike they
    are."""
    share = wire_format.exactly(in_use(codes).float().mean(1).numpy())  # (stops, d_s)
    alike, twin = atom_statistics.twins(B)
    files, (rows, columns) = {}, atoms.grid(B.shape[1])
    for theme in ("light", "dark"):
        sheet = atoms.sheet(B.numpy(), shape, theme == "dark")
        files[f"data/{name}/atoms-{theme}.png"] = mosaics.small_png(sheet)
    high, wide = (
        (side + mosaics.GUTTER) / count - mosaics.GUTTER
        for side, count in zip(sheet.shape[:2], (rows, columns), strict=True)
    )
    told = {
        "share": share.label(),
        "lams": list(stops.LAM),
        "alike": alike.tolist(),
        "twin": twin.tolist(),
        "norms": B.norm(dim=0).tolist(),
        "rows": rows,
        "columns": columns,
        "high": high / wide,
    }
    return {"atoms": told}, share, files


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _page_data(title: str, languages: Iterable[str]) -> dict:
    """What both pages of the site say before a script runs, in each language."""
    messages = []
    for language in (words.ENGLISH, *languages):
        with words.speaking(language):
            about = _(
                "Sparse coding writes a picture as a weighted sum of a few given pictures, its atoms. Here λ, the price of the "
                "weights, moves under your finger, and solvers find the weights of a picture that you choose or draw."
            )
            no_script = _("This page computes in your browser, and needs JavaScript.")
            from_disk = _(
                "Does this page stay empty? Browsers do not run its scripts when it is opened from the disk (file://). "
                "Open {file} beside it, which is the same in one file.",
                file=f'<a href="{ONE_FILE}">{ONE_FILE}</a>',
            )
            messages.append(
                {
                    "tag": words.tag(),
                    "about": about,
                    "no_script": no_script,
                    "from_disk": from_disk,
                }
            )
    return {"title": title, "messages": messages}


def _one_file(files: Mapping[str, bytes], page: dict) -> str:
    """The site as one page, in which its files stand as text. Browsers load no modules, data and fonts from the disk, but
    they run what stands in a page itself, and an import map names the modules of the parts as data."""

    def address(name: str, kind: str) -> str:
        return f"data:{kind};base64,{b64encode(files[name]).decode()}"

    modules_by_name = {
        f"./{name}": address(name, "text/javascript") for name in files if name.startswith("parts/")
    }
    texts = {
        name: address(name, "image/png") if name.endswith(".png") else content.decode()
        for name, content in files.items()
        if name.endswith((".png", ".json"))
    }
    style = files["site.css"].decode()
    if "fonts/sans.woff2" in files:
        style = style.replace("fonts/sans.woff2", address("fonts/sans.woff2", "font/woff2"))
    inlined = {
        "style": style,
        "imports": json.dumps({"imports": modules_by_name}),
        "texts": {name: _in_script(text) for name, text in texts.items()},
        "script": _in_script(files["site.js"].decode()),
    }
    return templates.filled(
        __file__, **page, policy=_POLICY_OF_ONE_FILE, first="", fonts=False, whole=inlined
    )


def _in_script(text: str) -> str:
    """JSON or JavaScript as the text of a script, which the end of one in a string would end."""
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")
