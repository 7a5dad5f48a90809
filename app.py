"""sc2viz in the browser: `streamlit run app.py`. Its page is `sc2viz/ui/app.py`; phones of a class are served beside it."""

import streamlit as st

from sc2viz.ui import server

app = st.App(server.PAGE, routes=server.beside(), lifespan=server.lifespan)
