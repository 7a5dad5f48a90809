"""The bare address: on to the page where the app opens, with whatever view the link asks for."""

import streamlit as st

st.switch_page("sc2viz/pages/compare.py", query_params=st.query_params.to_dict())
