"""What every page builds on, one idea a file.

    server      what the process does once: imports, threads, data, dictionaries
    links       the view in the URL, and a polite word where a link asks for what is not there
    bench       the sidebar: which data, which pictures, which λ, how many iterations; `bench.current()` is the View
    models      the solvers and networks that a reader can choose, and how each is built
    runs        codes computed once and cached: a solver's run, the exact optimum
    cards       pictures and numbers of several solvers side by side, as HTML
    show        a chart with alt text; a "Take away" menu of PNG, CSV and Python
    words       captions, glossary and equations
    guard       no traceback reaches the reader

A page's file begins `view = bench.current()`, draws inside `with guard.guarded():`, and keeps widgets of its own that
belong in the URL with `bind="query-params"` after `links.tidy`.
"""
