"""The app's websockets, as a stranger uses them who does not finish a message, and as a whole school does."""

import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ROOT = Path(__file__).parents[2]
HEADER = b"\x82\xff" + (100 << 20).to_bytes(8) + bytes(4)  # of a frame of 100 MB


@pytest.mark.parametrize("path", ["_stcore/stream", "live?room=BBBBBB"])
def test_a_frame_of_100_MB_is_refused_when_it_begins(address, path):
    with connect(f"ws://{urlsplit(address).netloc}/{path}") as connection:
        connection.socket.sendall(HEADER)
        with pytest.raises(ConnectionClosed) as end:
            connection.recv(timeout=10)
        assert end.value.rcvd.code == 1009  # the message is too big


@pytest.mark.release
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of open files")
def test_more_phones_enter_than_files_may_be_open_when_the_app_starts(served, tmp_path):
    app = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command = ["sh", "-c", 'ulimit -Sn 128 && exec "$@"', "sh", *app]
    with served(command, ROOT, tmp_path / "log") as url, ExitStack() as opened:
        phones = [
            opened.enter_context(connect(f"ws://{urlsplit(url).netloc}/live?room=BBBBBB"))
            for _ in range(200)
        ]
        for phone in phones:
            phone.send('{"phone": "0123456789abcdef"}')
            assert "none" in phone.recv(timeout=10)
