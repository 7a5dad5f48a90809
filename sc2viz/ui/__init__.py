"""What the pages share. Streamlit is imported here and in `sc2viz.pages`, and nowhere else.

    app        the page configuration and the navigation
    server     how `sc2viz app` runs, and what the process does once: imports, threads
    turns      which reader's page runs next
    background work in the background, which stands back while a reader waits for a page
    opening    the heading of a page while the server starts
    startup    data sets and dictionaries, loaded once
    url        everything that stands in the URL, as one table: keys, domains, defaults, widgets
    links      how a link opens a view: mending, and what is kept from page to page
    chips      how a reader chooses solvers
    sliders    λ and T, which act while they are dragged
    sidebar    the data set, the picture at hand, λ and T; `sidebar.current()` is the View
    own        what a reader brought: pictures, data, networks
    session    what is kept for a reader between two runs, by key
    sets       the data sets and dictionaries that a reader can choose
    learning   what stands in the place of a page while its dictionary is learned
    models     the solvers and networks that a reader can choose
    results    codes and optima, at one λ and at every λ
    cache      what is computed once, in a store bounded in bytes
    pen        the canvas that readers draw on, with the solvers as graphs (graphs)
    stage      pictures and curves that move in the browser
    page       a caption, a chart with alt text, a "Take away" menu
    phrases    numbers in words, the glossary, the equations
    errors     messages in the place of tracebacks
    widgets    components of our own

A page is a folder of `sc2viz.pages` with a file of the same name, and a line in `app`. It reads `sidebar.current()`. Its
fragments carry `@errors.guard` under `@st.fragment`. A widget that belongs in the URL has a row in `url`, which draws it:
`url.widget(key, label)`.
"""
