"""What `bench site` counts without a browser."""

from sc2viz.lab.bench import site


def test_what_the_app_reaches_is_in_common(tmp_path, monkeypatch):
    one = 'import { a } from "./a.js";\n'
    texts = {
        "site": f'{one}import {{ own }} from "./own.js";\n',
        "own": "export const own = 1;\n",
        "board": one,
        "a": "export const a = 1;\n",
        "worker": "self;\n",
        "app": "a;\n",
    }
    (tmp_path / "browser").mkdir()
    for name, text in texts.items():
        (tmp_path / "browser" / f"{name}.js").write_text(text)
    monkeypatch.setattr(site, "COMPONENTS", ("board",))
    shared, whole = (
        sum(len(texts[each]) for each in names.split())
        for names in ("a board", "site own a board worker")
    )
    assert site.common(tmp_path).endswith(
        f"in common: 2 of 5 files (40 %), 2 of 6 lines (33 %), {shared} of {whole} bytes ({100 * shared / whole:.0f} %)"
    )
