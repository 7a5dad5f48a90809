"""The bare address: on to the page where the app opens, with whatever view the link asks for."""

import streamlit as st

asked = {key: st.query_params.get_all(key) for key in st.query_params}
st.switch_page(st.session_state["_pages"]["welcome"], query_params=asked)
