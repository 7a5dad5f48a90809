"""What moves in the browser: plain JavaScript modules, and what they are given. Nothing here knows Streamlit.

board       cards that follow λ and T: codes at every stop, and the canvases that draw them
parcels     how codes and atoms travel, each array once
panels      what a scrubber can be shown, as arrays, and how it travels
stops       where the sliders of λ and T stop
modules     the JavaScript below, which are ES modules, as one text
follow.js   what follows the sliders: codes at every stop, and B s at the one at hand
board.js    draws a board
colour.js   values as colours; objective.js is what a code makes; adaptive.js is Eq. (7), activation.js shrinkage and
            double tanh: all without a DOM
readings.js numbers as they are read
decode.js   what travels as base64
draw.js     one painter a kind of panel; curves.js has that of lines
player.js   the controls of player.html, the position, the keys; it keeps its place while the data under it changes
sliders.js  a slider with its number
scrubber.css, sliders.css, cards.css
"""
