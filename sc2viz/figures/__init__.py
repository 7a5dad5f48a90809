"""Pure functions from numpy arrays to what is drawn: Plotly figures, and pictures as RGBA arrays. No torch, no Streamlit."""
