"""JavaScript modules become one text in one scope, which is what Streamlit takes."""

import os
import re
import shutil
import subprocess

import pytest

from sc2viz.browser import modules

PACKAGE = modules.FOLDER.parent
HAS = re.compile(r":has\(((?:[^()]|\([^()]*\))*)\)")
FILES = sorted(PACKAGE.rglob("*.js"))
STARTS = {
    path
    for path in FILES
    if re.search(r"^export default |^export const start ", path.read_text("utf-8"), re.M)
}
PAGES = {
    *(modules.FOLDER / f"{name}.js" for name in ("site", "one_file", "worker", "join", "drawing")),
    *PACKAGE.glob("lab/bench/*.js"),
}  # scripts of a page of its own, or that benchmarks run on one, which export nothing


def test_modules_are_joined_after_what_they_import(tmp_path):
    dom = os.path.relpath(modules.FOLDER / "dom.js", tmp_path.resolve())
    (tmp_path / "a.js").write_text(
        f'// first\nimport {{ make }} from "{dom}";\nexport class Two {{}}\nconst three = 3;\n'
    )
    (tmp_path / "b.js").write_text(
        f'import {{ Two }} from "./a.js";\nimport {{\n  isDark,\n  make,\n}} from "{dom}";\n'
        "export default function () { return Two; }\n"
    )
    text = modules.joined(tmp_path / "b.js")
    stage = modules.joined(modules.FOLDER / "dom.js")  # is in another folder, and is there once
    assert (
        text
        == f"{stage}\n// first\nclass Two {{}}\nconst three = 3;\n\nexport default function () {{ return Two; }}\n"
    )
    (tmp_path / "b.js").write_text('import "./c.js";\n')
    with pytest.raises(FileNotFoundError, match="c.js"):
        modules.joined(tmp_path / "b.js")


def test_style_sheets_lose_what_browsers_do_not_need(tmp_path):
    sheet = """/* first */
.a > :is(b, i):hover::before {
  content: "0 : →";
  margin: -0.5rem 10.25px calc(1px + 0.1em) 0;
}
@media (max-width: 640px) {
  /* A sentence: with marks; and so on. */
  .a {
    --wide: 0;
  }
}
"""
    (tmp_path / "a.css").write_text(sheet)
    expected = """.a > :is(b,i):hover::before{content:"0 : →";margin:-.5rem 10.25px calc(1px + .1em) 0}
@media (max-width:640px){.a{--wide:0}}\n"""
    assert modules.style(tmp_path / "a.css") == expected


def test_every_module_is_part_of_a_page():
    """The pages' scripts, each a text of its own, in which no name is declared twice; together they take in all files."""
    assert len(STARTS) >= 12
    inside = set()
    for start in STARTS | PAGES:
        text = modules.joined(start)
        assert not re.search(r"^import ", text, re.M)
        if shutil.which("node"):
            check = ["node", "--input-type=module", "--check"]
            subprocess.run(check, input=text, text=True, check=True)
        exports = re.findall(r"^export (\w+)", text, re.M)
        assert exports == ["default"] or start in PAGES and not exports, start
        inside |= {path for path in FILES if path.read_text("utf-8").splitlines()[0] in text}
    assert inside == set(FILES)


def test_has_names_what_it_looks_for():
    """One :has() whose argument any element could match, such as :nth-child(3), makes Chromium compute styles of all that is
    around at each insertion, on every page: four times as many elements at a move of a slider."""
    sheets = {path: path.read_text("utf-8") for path in PACKAGE.rglob("*.css")}
    selectors = [(path.name, text) for path, sheet in sheets.items() for text in HAS.findall(sheet)]
    assert len(selectors) > 10
    assert not [
        selector
        for selector in selectors
        if re.search(r":(nth|first|last|only|empty)|(^|[\s>+~,(]):(?!is\()", selector[1])
    ]
    assert not [path.name for path, sheet in sheets.items() if re.search(r"[\s>+~,]:has\(", sheet)]


def test_what_follows_has_is_named_by_a_class():
    """For ":has(…) > *" or ":has(…) [data-testid=…]" Chromium computes the styles of all such elements at each insertion: of
    the whole page for each text that Plotly measures. A lecture's page may cost a millisecond more."""
    for path in {*PACKAGE.rglob("*.css")} - {*PACKAGE.rglob("present.css")}:
        sheet = HAS.sub("§", HAS.sub("§", path.read_text("utf-8")))
        assert not re.search(r"§[^{},~+]*[\s>](\*|\[[^]]*\])\s*[,{]", sheet), path.name
