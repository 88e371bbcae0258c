"""A measurement to reckon with by hand."""

from __future__ import annotations

from lambda_src.core.run.prices import Usage
from operations.costing.measurement import Measurement

MEASUREMENT = Measurement(
    measured="2026-11-21",
    where="AWS on loopback, http://127.0.0.1:4566",
    load=0.1,
    image_bytes=2100.0,
    single=Usage(standard_transitions=3, lambda_requests=3, lambda_gb_seconds=0.03, s3_gets=1),
    reference=Usage(standard_transitions=3, lambda_requests=3, lambda_gb_seconds=0.012, s3_gets=1),
    run=Usage(
        standard_transitions=5,
        lambda_requests=2,
        lambda_gb_seconds=0.1,
        s3_gets=10,
        s3_puts_and_lists=10,
        notifications=1,
    ),
    image=Usage(lambda_gb_seconds=0.00001, s3_gets=1, s3_puts_and_lists=0.001),
    batches={
        100: Usage(
            standard_transitions=1,
            express_requests=1,
            express_gb_seconds=0.0625,
            lambda_requests=3,
            lambda_gb_seconds=0.2,
            s3_gets=1,
            s3_puts_and_lists=1,
        )
    },
)
