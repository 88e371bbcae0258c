"""Every limit of the model server, with its unit and where it comes from."""

from __future__ import annotations

MAX_BODY_BYTES = 6_291_456
"""Body of one request: what SageMaker's InvokeEndpoint lets through."""

MAX_IMAGES_A_PACK = 10_000
"""Records in one RecordIO body."""

MAX_PARTS_A_PACK = 4 * MAX_IMAGES_A_PACK
"""Parts of RecordIO in one body: a record has one, and one more where its bytes happen to hold the magic."""

MAX_PACK_PIXELS = 250_000_000
"""Width x height of all images of a pack together, as their headers announce: ten images of MAX_PIXELS."""

MAX_ANSWER_BYTES = 6_291_456
"""Answer to one request: what SageMaker's InvokeEndpoint lets back."""

DECODE_CPU_SECONDS = 2.0
"""Processor time for one image; the costliest of MAX_PIXELS and MAX_SCANS that encoders write take .2."""

DECODE_SECONDS = 20
"""Waiting for the decoder and decoding of one image by the clock: longer, and the machine is too busy."""

PACK_SECONDS = 45
"""Answering one pack: InvokeEndpoint waits 60 s for all, from the first byte sent to the last received."""

INFERENCE_BATCH = 32
"""Images that a pack hands to the model at once: larger batches are no faster, and need more memory."""

IMAGES_A_TURN = 8
"""Images of several callers in one run of the model: more are hardly cheaper, and all else waits."""

MAX_IN_FLIGHT = 128
"""Requests that one process holds, receiving or waiting; one more is answered 503 with Retry-After."""

RETRY_AFTER_SECONDS = 1
"""What a 503 tells the caller to wait."""

BODY_SECONDS = 30
"""Time for a request's body to arrive once its headers have."""

HEAD_SECONDS = 10
"""Time for a request's line and headers to arrive, from their first byte."""

MAX_HEAD_BYTES = 16_384
"""Request line and headers, and what chunks have beside eight times their body's bytes."""

MAX_HEADERS = 200
"""Lines of headers and trailers of a request that does not arrive whole at once."""

WRITE_SECONDS = 30
"""How long a caller may leave an answer unread before its connection is cut."""

MAX_CONNECTIONS = 512
"""Connections that one process holds; one more is answered 503 and closed."""

FEED_BYTES = 4_096
"""Bytes of heads that are read at once: what a caller sends ahead of its answers waits unread behind them."""

LINGER_BYTES = 10 * MAX_BODY_BYTES
"""What is read and thrown away after a refused body, so that the caller gets to read the refusal."""

LINGER_SECONDS = 5
"""How long that may take."""

KEEP_ALIVE_SECONDS = 75
"""Idle time of a connection; longer than usual clients keep theirs, so that they close first."""

GRACE_SECONDS = 25
"""Time for requests in flight after SIGTERM; SageMaker and Docker kill after 30 or sooner."""
