"""What moves in the browser: plain JavaScript modules, and what they are given. Nothing here knows Streamlit.

board       cards that follow λ and T: codes at every stop, and the canvases that draw them
wire_format how codes and atoms travel, each array once
panels      what a scrubber can be shown, as arrays, and how it travels
stops       where the sliders of λ and T stop
export      a solver as a graph that the browser runs, from what its Python does (recorder), in few operations (lowering)
site        a site for a static host, of which live_page is one file with one data set (site_data)
modules     the JavaScript below, which are ES modules, as one text
messages.js what the parts of a page tell each other; plotly.js is the way to the charts of Plotly
dom.js      elements, and the components that Streamlit puts them into
follow.js   what follows the sliders: codes at every stop, and B s at the one at hand
board.js    draws a board; sentence.js is the page's sentence while something moves
player.js   the controls of player.html, the position, the keys; it keeps its place while the data under it changes
painters.js one painter a kind of panel; curves.js has that of lines, draw.js the canvases
sliders.js  a slider with its number
site.js     the shell of the site, whose parts are those of site_parts.js; pen.js is a canvas to draw on
distances.js the distance to the optimum against the iterations, and what each λ makes of a picture, in SVG; why.js its why
sum.js      a picture as a sum of atoms
solve.js    codes by a solver's graph, whose operations.js are functions of arrays; homotopy.js is the exact optimum, omp.js
            a search, measure.js has the numbers of codes, and coder.js joins all these: they need no page
store.js    weights that the browser keeps between visits
decode.js   what travels as base64
colour.js   values as colours; objective.js is what a code makes; adaptive.js is Eq. (7), activation.js shrinkage and
            double tanh, readings.js numbers as they are read: these and decode.js need no page
scrubber.css, panels.css and layouts.css are a player's, pad.css is the canvas's; sliders.css, cards.css, board.css, sum.css,
site.css
"""
