"""Every limit of the model server, with its unit and where it comes from."""

from __future__ import annotations

MAX_BODY_BYTES = 6_291_456
"""Body of one request: what SageMaker's InvokeEndpoint lets through."""

MAX_PIXELS = 25_000_000
"""Width x height of one image, read from its header before anything is decoded (75 MB as RGB)."""

MAX_IMAGES_A_PACK = 10_000
"""Records in one RecordIO body; the answer has to fit InvokeEndpoint's 6 MB as well."""

INFERENCE_BATCH = 32
"""Images that a pack hands to the model at once: larger batches are no faster, and need more memory."""

INLINE_BYTES = 65_536
"""Larger bodies, and all packs, are decoded in a side thread, so that they do not hold up small ones."""

MAX_IN_FLIGHT = 128
"""Requests that one process holds, receiving or waiting; one more is answered 503 with Retry-After."""

RETRY_AFTER_SECONDS = 1
"""What a 503 tells the caller to wait."""

BODY_SECONDS = 30
"""Time for a request's body to arrive once its headers have."""

LINGER_BYTES = 10 * MAX_BODY_BYTES
"""What is read and thrown away after a refused body, so that the caller gets to read the refusal."""

LINGER_SECONDS = 5
"""How long that may take."""

KEEP_ALIVE_SECONDS = 75
"""Idle time of a connection; longer than usual clients keep theirs, so that they close first."""

GRACE_SECONDS = 25
"""Time for requests in flight after SIGTERM; SageMaker and Docker kill after 30 or sooner."""
