"""Tours through the app, and the bar that leads through them. A tour is one file of plain text, in TOML:

    title = "Sparse coding in ten minutes"
    minutes = 10                             # to tell it: 130 words and 3 questions or tries a minute

    [[step]]
    view = "welcome?data=digits&picture=3"   # an address of the app, as its address bar has it
    say = "One sentence to say."
    try = "One thing to try."
    light = "caption"                        # the part of the page that the step speaks of, by its key
    ask = "Which share of atoms is left?"    # a question, which covers the page until it is answered
    low = 0                                  # a number in steps of step, from low to high or as far as the truth; or
    high = 1                                 # choices = ["few", "many"], and at = [0.1, 0.9], the numbers that they mean
    step = 0.1
    truth = "atoms left"                     # the function of truths/ that computes the answer from the view then
    given = { times = 2 }                    # what else that function takes
    on = "adder"                             # the figure on whose axis a number is marked; "… up" for its upright axis
    shows = "strip"                          # the parts of the page that are seen before the answer
    reveals = "lam=1&picture=4"              # what the sidebar changes to when the answer is shown, which is true of that
    title = "Which share is left?"           # asked on Welcome, which opens the step; a truth without ask ends its sentence

Those of this folder are the app's own. A folder that the environment variable SC2VIZ_TOURS names has those of a class, and a
reader may bring one.

    reading    what a file says, and what is wrong with it; pages/ has the question of each page
    guide      which step is at hand, the bar, the speaker's notes, and the tours to choose from
    questions  what covers a page, and what became of a guess
    truths     what is true of the view at hand
    exports    the questions on paper, and the steps of a tour for the site
"""
