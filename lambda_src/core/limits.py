"""Sizes that AWS sets, and those that follow from them, in bytes."""

from __future__ import annotations

#: Input or output of any state of Step Functions. Going over it cannot be caught.
MAX_STATE_BYTES = 262_144

#: Body of InvokeEndpoint, hence the largest image.
MAX_IMAGE_BYTES = 6_291_456

#: Image that travels inside a state. As base64 it takes 4/3 of this, 245,760 bytes; the 16 KiB that remain
#: hold the other fields at their worst: a key of 1,024 control characters is 6,144 bytes of escaped JSON.
MAX_INLINE_IMAGE_BYTES = 184_320

#: Key of an S3 object, in UTF-8.
MAX_KEY_BYTES = 1_024

#: InferenceId of InvokeEndpoint, in characters.
MAX_INFERENCE_ID = 64
MAX_NUMBER = 9_999_999_999
"""Of an image or a batch in a run: ten digits, which is what the size of a state is planned with."""
MAX_LISTED = 100_000_000
"""Images of a run: merging holds a byte for each."""
