"""Pure functions from numpy arrays to Plotly figures and RGBA pictures. Nothing here imports torch or Streamlit."""
