"""What the pages share. Streamlit is imported here and in `sc2viz.pages`, and nowhere else. Each file says in its first line
what it holds.

A page is a folder of `sc2viz.pages` with a file of the same name, and a table in `pages.toml`. It reads
`sidebar.current()`. Its fragments are `@errors.fragment`. A widget that belongs in the URL has a row in
`url`, which draws it, `url.widget(key)`, and a table in `rows.toml`.
"""

from sc2viz.ui.reader_session import session

__all__ = ["session"]
