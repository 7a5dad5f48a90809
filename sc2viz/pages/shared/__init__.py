"""What every page builds on, one idea a file.

    server      what the process does once: imports, threads, data, dictionaries
    options     everything that stands in the URL: its key, what it may be, where it opens
    links       a polite word where a link asks for what is not there
    bench       the sidebar: which data, which pictures, which λ, how many iterations; `bench.current()` is the View
    own         the reader's own picture: drawn or uploaded, fitted to the data set
    models      the solvers and networks that a reader can choose, and how each is built
    jobs        training in the background, within limits; mine holds the reader's own
    runs        codes computed once and cached: a solver's run, the exact optimum
    cards       pictures and numbers of several solvers side by side, as HTML
    show        a caption; a chart with alt text; a "Take away" menu of PNG, CSV and Python
    words       glossary and equations
    gate_words  what gates do to a picture, in sentences
    guard       no traceback reaches the reader

A page is a file beside this folder and a line in app.py. It reads `bench.current()`. Its fragments carry `@guard.guard`
under `@st.fragment`. Widgets of its own that belong in the URL have `bind="query-params"` and a line in `options`.
"""
