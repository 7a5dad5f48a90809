"""A reader without a browser: it speaks Streamlit's own protocol over a websocket, as the page in a browser does.

A run of the page begins with a `BackMsg` that carries the address and what widgets hold, and ends with a `ForwardMsg` that
says so. Between them come the elements. What is large travels once: the reader names what it has, as browsers do.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect

RUN_LIMIT = 120.0  # seconds after which a run of a page counts as failed
# The widgets that this reader can move, and where a message has their value
VALUES = {"number_input": "double_value", "selectbox": "string_value"}


@dataclass
class PageRun:
    """One run of a page: how long the reader waited, what came, and what went wrong ("" if nothing did)."""

    seconds: float
    received: int  # bytes that came
    problem: str = ""


@dataclass
class Reader:
    """A tab that is open at `path` with a query, such as Reader(address, "compare", {"data": "digits"})."""

    address: str  # of the server, such as http://127.0.0.1:8501
    path: str
    query: dict[str, str] = field(default_factory=dict)
    # Widgets by their key of the URL: (kind, id)
    _widgets: dict[str, tuple[str, str]] = field(default_factory=dict)
    _buttons: dict[str, str] = field(default_factory=dict)  # buttons' ids by label
    _states: dict[str, WidgetState] = field(default_factory=dict)
    _hashes: set[str] = field(default_factory=set)  # hashes of the messages that this reader has
    _page: str = ""

    async def __aenter__(self) -> Reader:
        url = f"ws://{urlsplit(self.address).netloc}/_stcore/stream"
        self._socket = await connect(
            url,
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=RUN_LIMIT,
            ping_interval=None,  # a busy server answers late
        )
        return self

    async def __aexit__(self, *_) -> None:
        await self._socket.close()

    async def view(self, is_back: bool = False) -> PageRun:
        """Run the page as it stands, and wait until all of it is there. is_back: as if by the browser's button."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string = urlencode(self.query)
        state.page_name, state.page_script_hash = self.path, self._page
        state.is_history_navigation = is_back
        state.widget_states.widgets.extend(self._states.values())
        state.cached_message_hashes.extend(self._hashes)
        state.context_info.url = f"{self.address}/{self.path}?{state.query_string}"
        start, run = time.perf_counter(), PageRun(0.0, 0)
        try:
            await self._socket.send(message.SerializeToString())
            async with asyncio.timeout(RUN_LIMIT):
                while not self._take(await self._socket.recv(), run):
                    pass
        except Exception as error:
            run.problem = f"{type(error).__name__}: {error}"
        run.seconds = time.perf_counter() - start
        return run

    async def turn_to(self, path: str) -> PageRun:
        """Open another page by the bar at the top: what the address says goes with it."""
        self.path, self._page = path, ""
        self._widgets.clear()
        self._states.clear()
        return await self.view()

    async def press(self, label: str) -> PageRun:
        """Click the button of this label, and wait for the page."""
        if label not in self._buttons:
            return PageRun(0.0, 0, f"{self.path} has no button {label}")
        widget = self._buttons[label]
        self._states[widget] = WidgetState(id=widget, trigger_value=True)
        run = await self.view()
        del self._states[widget]
        return run

    def has(self, key: str) -> bool:
        """Whether the page has a widget of this key of the URL, as far as it was seen."""
        return key in self._widgets

    async def change(self, key: str, value: float | str) -> PageRun:
        """Set the widget that stands in the URL as `key`, and wait for the page."""
        if key not in self._widgets:
            return PageRun(0.0, 0, f"{self.path} has no widget {key}")
        kind, widget = self._widgets[key]
        self._states[widget] = WidgetState(id=widget, **{VALUES[kind]: value})
        self.query[key] = f"{value:g}" if isinstance(value, float) else value
        return await self.view()

    def _take(self, content: bytes, run: PageRun) -> bool:
        """Read one message of the server into `run`; return whether the run is over."""
        run.received += len(content)
        message = ForwardMsg.FromString(content)
        kind = message.WhichOneof("type")
        if message.metadata.cacheable:
            self._hashes.add(message.hash)
        if kind == "script_finished":
            # A run that finished early is followed by another.
            return message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        if kind == "new_session":
            self._page = message.new_session.page_script_hash
        elif kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            query = parse_qs(message.page_info_changed.query_string)
            self.query = {key: values[-1] for key, values in query.items()}
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._see(message.delta.new_element, run)
        return False

    def _see(self, element, run: PageRun) -> None:
        """Note what a new element of the page has: a button, a widget, or a problem, which goes into `run`."""
        kind = element.WhichOneof("type")
        if kind == "exception":
            run.problem = f"{element.exception.type}: {element.exception.message}"
        elif kind == "alert" and element.alert.format == Alert.ERROR:
            run.problem = element.alert.body
        elif kind == "button":
            self._buttons[element.button.label] = element.button.id
        elif kind in VALUES and (widget := getattr(element, kind)).query_param_key:
            self._widgets[widget.query_param_key] = kind, widget.id
            if widget.set_value:  # the server has set this widget's value
                value = widget.value if kind == "number_input" else widget.raw_value
                self._states[widget.id] = WidgetState(id=widget.id, **{VALUES[kind]: value})
