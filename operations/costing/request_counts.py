"""Requests to S3 that each design makes by how it is written, where all goes well.

No log at hand counts them: S3's own come hours later. What data capture writes is left out for every design:
SageMaker decides how many records an object holds.
"""

from __future__ import annotations

from lambda_src.core.batch.prices import Usage
from lambda_src.core.batch.summary import LISTED_AT_ONCE, RUN_FILES

SINGLE = Usage(s3_gets=1)
"""An image of at most 184,320 bytes is read once, a larger one again by the next function."""
REFERENCE = Usage(s3_gets=1)
BATCH = Usage(s3_gets=1, s3_puts_and_lists=1)
"""The pack is written and read once; images of more than 6,291,456 bytes together take more packs."""
RUN = Usage(s3_gets=RUN_FILES, s3_puts_and_lists=RUN_FILES)
"""Plan, rejected lines, the map's result files and what they become."""
IMAGE = Usage(s3_gets=1, s3_puts_and_lists=1 / LISTED_AT_ONCE)
"""Each image is read once, and listed below a prefix."""
