"""The app's websockets, as a stranger uses them who does not finish a message."""

from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

HEADER = b"\x82\xff" + (100 << 20).to_bytes(8) + bytes(4)  # of a frame of 100 MB


@pytest.mark.parametrize("path", ["_stcore/stream", "live?room=BBBBBB"])
def test_a_frame_of_100_MB_is_refused_when_it_begins(address, path):
    with connect(f"ws://{urlsplit(address).netloc}/{path}") as connection:
        connection.socket.sendall(HEADER)
        with pytest.raises(ConnectionClosed) as end:
            connection.recv(timeout=10)
        assert end.value.rcvd.code == 1009  # the message is too big
