"""A site that any static host serves: sparse coding in parts with addresses of their own, which need no server.

Its parts are the app's own components, and the browser computes the codes that they show. Nothing is asked of another host.
The same stands in one file, which opens from the disk, where browsers load no modules, data and fonts.
"""

import functools
import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sc2viz import words
from sc2viz.browser import modules, wire_format
from sc2viz.browser.site_data import DataSet, check_texts, to_json
from sc2viz.files import atomic
from sc2viz.words import N_, _, templates

_SHEETS = ("pad.css", "sliders.css", "cards.css", "board.css", "ideas.css", "question.css")
# The components, with the style sheets of those that stand in a shadow root.
COMPONENTS: dict[str, tuple[str, ...]] = {
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
ONE_FILE = "sc2viz.html"  # beside index.html, which leads to it where it is opened from the disk
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
    made while it is spoken. What they say otherwise than those of the language at hand is in files of their own, so that a
    reader loads one language."""
    files, page = _contents(sets, title, link, "sum", translated)
    files |= {f"fonts/{name}": content for name, content in fonts.items()}
    files["index.html"] = templates.filled(
        __file__, **page, policy=_POLICY, first=sets[0].name, fonts=bool(fonts), whole=None
    ).encode()
    files[ONE_FILE] = _one_file(files, page).encode()
    content = b"".join(files[name] for name in sorted(files))
    stamp = hashlib.blake2b(content, digest_size=8).hexdigest()
    offline = ["./", *(name for name in files if name not in ("index.html", ONE_FILE))]
    worker = modules.bare((modules.FOLDER / "worker.js").read_text("utf-8"))
    listed = json.dumps({"stamp": stamp, "files": offline})
    files["worker.js"] = f"self.SITE = {listed};\n{worker}".encode()
    return Site(files)


def one_file(data: DataSet, title: str, link: str) -> str:
    """The site of one data set as one HTML document in the language at hand, which opens where solvers are compared."""
    return _one_file(*_contents([data], title, link, "compare", {}))


def _contents(
    sets: Sequence[DataSet],
    title: str,
    link: str,
    first_part: str,
    translated: Mapping[str, Sequence[DataSet]],
) -> tuple[dict[str, bytes], dict]:
    """The files of a site by name, without its pages, and what these say before a script runs, in each language."""
    check_texts(title=title, link=link)
    if link and not re.fullmatch(r"https?://\S+", link):  # which a browser opens and does not run
        raise ValueError(
            f"link must be the address of the app, https://… or http://…, got {link!r}: leave it out for none"
        )
    files = {name: "\n".join(texts).encode() for name, texts in _scripts().items()}
    script = b"".join(files.values()).decode()
    files["site.css"] = modules.sheet(*_SHEETS, "site.css").encode()
    for data in sets:
        files |= data.files
    messages = []
    for language, spoken in {words.language(): sets, **translated}.items():
        with words.speaking(language):
            messages.append(
                {
                    "tag": words.tag(),
                    "about": _(
                        "Sparse coding writes a picture as a weighted sum of a few given pictures, its atoms. Here λ, the "
                        "price of the weights, moves under your finger, and solvers find the weights of a picture that "
                        "you choose or draw."
                    ),
                    "no_script": _("This page computes in your browser, and needs JavaScript."),
                    "from_disk": _(
                        "Does this page stay empty? Browsers do not run its scripts when it is opened from the disk "
                        "(file://). Open {file} beside it, which is the same in one file.",
                        file=f'<a href="{ONE_FILE}">{ONE_FILE}</a>',
                    ),
                }
            )
            about: dict[str, object] = {
                "sets": [data.name for data in sets],
                "link": link,
                "part": first_part,
                "title": _(title),
                "notes": [note for data in spoken for note in data.notes],
            }
            if language != words.ENGLISH:
                about["words"] = words.messages_in(script)
            ending = f".{words.tag()}" if language in translated else ""
            files[f"site{ending}.json"] = to_json(about)
            for data, translation in zip(sets, spoken, strict=True) if ending else ():
                differing = {k: v for k, v in translation.about.items() if v != data.about[k]}
                files[f"data/{data.name}{ending}.json"] = to_json(differing)
    return files, {"title": _(title), "messages": messages}


@functools.cache
def _scripts() -> dict[str, list[str]]:
    """The modules of each script, by the names of their files."""
    scripts = {"site.js": modules.in_order(modules.FOLDER / "site.js")}
    for name, sheets in COMPONENTS.items():
        path = modules.FOLDER / f"{name}.html"
        html = path.read_text("utf-8") if path.is_file() else ""
        css = modules.sheet(*sheets) if sheets else ""
        html_text = json.dumps(html, ensure_ascii=False)  # as messages are looked for in it
        exported = f"export const css = {json.dumps(css)};\nexport const html = {html_text};\n"
        script = modules.in_order(path.with_suffix(".js"))
        scripts[f"parts/{path.stem}.js"] = [*script, exported]
    return {name: list(map(modules.bare, texts)) for name, texts in scripts.items()}


def _one_file(files: Mapping[str, bytes], page: dict) -> str:
    """The site as one page, in which its files stand compressed, with each module of its scripts once (one_file.js)."""
    style, font = modules.style("site.css"), "fonts/sans.woff2"
    source = "local(sans-serif)"
    if font in files:
        source = f"url(data:font/woff2;base64,{b64encode(files[font]).decode()})"
    style = style.replace(f"url({font})", source)
    scripts = _scripts()
    texts = list(dict.fromkeys(text for script in scripts.values() for text in script))
    packed = {
        "css": modules.sheet(*_SHEETS),
        "modules": texts,
        "scripts": {name: list(map(texts.index, script)) for name, script in scripts.items()},
        **{name: text.decode() for name, text in files.items() if name.endswith(".json")},
    }
    one_file_page = {
        "style": style,
        "files": wire_format.squeezed(json.dumps(packed, ensure_ascii=False), 9),
        "script": modules.bare(modules.joined(modules.FOLDER / "one_file.js")),
    }
    return templates.filled(__file__, **page, policy=_POLICY_OF_ONE_FILE, whole=one_file_page)
