"""Tours through the app, and the bar that leads through them. A tour is one file of plain text, in TOML:

    title = "Sparse coding in ten minutes"
    minutes = 10

    [[step]]
    view = "welcome?data=digits&picture=3"   # an address of the app, as its address bar has it
    say = "One sentence to say."
    try = "One thing to try."
    light = "caption"                        # the part of the page that the step speaks of, by its key

Those of this folder are the app's own. A folder that the environment variable SC2VIZ_TOURS names has those of a class, and a
reader may bring one.

    reading    what a file says, and what is wrong with it
    guide      which step is at hand, the bar, and the tours to choose from
"""
