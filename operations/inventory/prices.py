"""List prices of what is there and not used, dollars a month; us-east-1, as the figures of `scones cost`.

https://aws.amazon.com/cloudwatch/pricing/, https://aws.amazon.com/s3/pricing/ (Standard),
https://aws.amazon.com/ecr/pricing/, https://aws.amazon.com/kms/pricing/,
https://aws.amazon.com/sagemaker/ai/pricing/. Free tiers and discounts are not in them.
"""

from __future__ import annotations

from lambda_src.core.run.prices import HOURS_A_MONTH, INSTANCE_HOUR_PRICES

ALARM_METRIC = 0.10
"""For each metric that an alarm looks at."""
COMPOSITE_ALARM = 0.50
DASHBOARD = 3.00
KEY = 1.00
LOG_GIB = 0.03
OBJECT_GIB = 0.023
IMAGE_GIB = 0.10


def instances(instance_type: str, count: int) -> float | None:
    """Hosting instances around the clock; None for a type whose price is not known here."""
    hour = INSTANCE_HOUR_PRICES.get(instance_type)
    return None if hour is None else hour * HOURS_A_MONTH * count
