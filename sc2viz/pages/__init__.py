"""The app's pages: widgets and words. All that knows Streamlit lives here; what the pages share is in `shared`."""
