"""The bare address leads on to the page where the app opens, with whatever view the link asks for."""

import streamlit as st

from sc2viz.ui import session

asked = {key: st.query_params.get_all(key) for key in st.query_params}
st.switch_page(session.PAGES.get()["welcome"], query_params=asked)
