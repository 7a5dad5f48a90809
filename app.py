"""sc2viz in the browser: `streamlit run app.py`."""

import streamlit as st

st.set_page_config("sc2viz", page_icon="sc2viz/pages/shared/favicon.png", layout="wide", initial_sidebar_state=300)

from sc2viz.pages.shared import bench, guard, links, mine, options, server, show  # noqa: E402

server.warm_up()
show.look()
st.logo("sc2viz/pages/shared/logo.png", size="large")
pages = [
    st.Page("sc2viz/pages/home.py", title="sc2viz", default=True, visibility="hidden"),
    st.Page("sc2viz/pages/welcome.py", title="Welcome", url_path="welcome"),
    st.Page("sc2viz/pages/compare.py", title="Compare", url_path="compare"),
    st.Page("sc2viz/pages/step.py", title="Step through", url_path="step"),
    st.Page("sc2viz/pages/gates.py", title="Gates & cells", url_path="gates"),
    st.Page("sc2viz/pages/activations.py", title="Activations", url_path="activations"),
    st.Page("sc2viz/pages/train.py", title="Train live", url_path="train"),
    st.Page("sc2viz/pages/lambda.py", title="λ trade-off", url_path="lambda"),
    st.Page("sc2viz/pages/paper.py", title="The paper", url_path="paper"),
]
st.session_state["_pages"] = {page.url_path: page for page in pages}  # for pages that lead to others
page = st.navigation(pages, position="top")
with guard.guarded():
    if page.url_path:  # the bare address only leads on, with what the link asks for untouched
        links.mend(page, options.rules())
        bench.sidebar()
        mine.present()
    page.run()
