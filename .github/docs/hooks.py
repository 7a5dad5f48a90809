"""README, CONTRIBUTING, CHANGELOG and the examples as pages of the documentation, with links that lead to these pages."""

import re
from pathlib import Path

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {
    "index.md": "README.md",
    "contributing.md": ".github/CONTRIBUTING.md",
    "changelog.md": ".github/CHANGELOG.md",
}
PAGES = {source: page for page, source in TEXTS.items()} | {"LICENSE": "license.txt"}
PAGES |= {
    f".github/docs/pages/{page}": page for page in ("hosting.md", "architecture.md", "results.md")
}
FILES = {
    "license.txt": "LICENSE"
}  # what pages link to or show, copied as it is; pictures of the texts are added


def rewritten(source: str) -> str:
    """The text of a Markdown file of the repository, with links to other files of it led to the pages made of them."""
    folder = (ROOT / source).parent

    def led(found: re.Match) -> str:
        target = (folder / found[2]).resolve()
        if re.match(r"\w+:|#", found[2]) or not target.is_relative_to(ROOT) or not target.exists():
            return found[0]
        path = target.relative_to(ROOT).as_posix()
        page = PAGES.get(path) or (
            f"pictures/{target.name}" if target.suffix in (".png", ".gif", ".svg") else None
        )
        if page and page.startswith("pictures/"):
            FILES[page] = path
        return f"{found[1]}({page})" if page else f"`{path}`"

    text = (ROOT / source).read_text(encoding="utf-8")
    return re.sub(r"(!?\[[^\]]*\])\(([^)\s]+)\)", led, text)


@event_priority(100)  # before the plugin that runs the examples looks for them
def on_files(files, config):
    for page, source in TEXTS.items():
        files.append(File.generated(config, page, content=rewritten(source)))
    for page, source in FILES.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    for example in sorted((ROOT / ".github" / "examples").iterdir()):
        if example.suffix in (".py", ".ipynb"):
            files.append(
                File(f"examples/{example.name}", str(example.parent.parent), config.site_dir, False)
            )
    return files
