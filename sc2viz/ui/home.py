"""The bare address leads on to the page where the app opens, with whatever view the link asks for."""

import streamlit as st

from sc2viz.ui import session

query = {key: st.query_params.get_all(key) for key in st.query_params}
st.switch_page(session.pages["welcome"], query_params=query)
