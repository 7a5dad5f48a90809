"""Files as the bytes that a reader's browser sends."""

import io


def saved(save, *values, **named) -> bytes:
    """What `save` writes into a stream, of `values` and as `named`."""
    stream = io.BytesIO()
    save(stream, *values, **named)
    return stream.getvalue()
