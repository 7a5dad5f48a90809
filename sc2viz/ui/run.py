"""The script that Streamlit runs for each view: `main` of the app, whose tables are read once a server."""

from sc2viz.ui.app import main

main()
