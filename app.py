"""sc2viz in the browser: `streamlit run app.py`. The app itself is `sc2viz/ui/app.py`."""

from sc2viz.ui import app

app.main()
