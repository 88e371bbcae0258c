"""What AWS asks for a run, and what a run uses: pure arithmetic over counted figures.

List prices of us-east-1 without free tiers, discounts and taxes, as published on
https://aws.amazon.com/step-functions/pricing/, https://aws.amazon.com/lambda/pricing/ (x86),
https://aws.amazon.com/s3/pricing/ (S3 Standard), https://aws.amazon.com/sns/pricing/,
https://aws.amazon.com/sqs/pricing/, https://aws.amazon.com/eventbridge/pricing/ (S3's events are opt-in) and
https://aws.amazon.com/sagemaker/ai/pricing/. Storage, logs, alarms and traffic are not in it; the endpoint's
hours only where they are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

PRICE_DATE = "2026-11-20"
PRICE_REGION = "us-east-1"
PRICES: Mapping[str, float] = {
    "standard_transitions": 25.00 / 1e6,
    "express_requests": 1.00 / 1e6,
    "express_gb_seconds": 0.00001667,
    "lambda_requests": 0.20 / 1e6,
    "lambda_gb_seconds": 0.0000166667,
    "s3_gets": 0.40 / 1e6,
    "s3_puts_and_lists": 5.00 / 1e6,
    "notifications": 0.50 / 1e6,
    "events": 1.00 / 1e6,
    "queue_requests": 0.40 / 1e6,
}
"""Dollars for one of what `Usage` counts."""
INSTANCE_HOUR_PRICES: Mapping[str, float] = {"ml.m5.large": 0.115}
"""Dollars an hour of real-time hosting."""

HOURS_A_MONTH = 730
EXPRESS_CHUNK_GB = 64 / 1024
EXPRESS_STEP_SECONDS = 0.1


class Usage(NamedTuple):
    """What is charged for, counted. GB-seconds are memory times billed time."""

    standard_transitions: float = 0
    express_requests: float = 0
    express_gb_seconds: float = 0
    lambda_requests: float = 0
    lambda_gb_seconds: float = 0
    s3_gets: float = 0
    s3_puts_and_lists: float = 0
    notifications: float = 0
    events: float = 0
    queue_requests: float = 0

    def plus(self, other: Usage) -> Usage:
        """Both together."""
        return Usage(*(mine + its for mine, its in zip(self, other, strict=True)))

    def times(self, factor: float) -> Usage:
        """The same `factor` times."""
        return Usage(*(mine * factor for mine in self))


class Cost(NamedTuple):
    """Dollars by what is charged for, without what costs nothing, and their sum."""

    items: dict[str, float]
    dollars: float


def cost(usage: Usage, prices: Mapping[str, float] = PRICES) -> Cost:
    """What `usage` costs at `prices`, dollars for one of each."""
    items = {name: count * prices[name] for name, count in usage._asdict().items() if count}
    return Cost(items, math.fsum(items.values()))


def single_usage(images: int, image: Usage) -> Usage:
    """One execution an image, each using what was counted for one `image`."""
    return image.times(images)


def batch_usage(images: int, batch_size: int, *, batch: Usage, run: Usage, image: Usage) -> Usage:
    """One run over `images` in batches of `batch_size`.

    `batch` is what a full batch uses, `run` what a run uses whatever its size, `image` what each image adds.
    """
    return run.plus(batch.times(math.ceil(images / batch_size))).plus(image.times(images))


def express_gb_seconds(seconds: float, memory_gb: float = EXPRESS_CHUNK_GB) -> float:
    """What an Express execution is billed for: steps of 100 ms, chunks of 64 MB."""
    steps = math.ceil(round(seconds / EXPRESS_STEP_SECONDS, 6))
    chunks = math.ceil(round(memory_gb / EXPRESS_CHUNK_GB, 6))
    return max(steps, 1) * EXPRESS_STEP_SECONDS * max(chunks, 1) * EXPRESS_CHUNK_GB


def lambda_gb_seconds(seconds: float, memory_mb: int) -> float:
    """What an invocation is billed for: whole milliseconds times the memory that the function is set to."""
    return math.ceil(round(seconds * 1000, 6)) / 1000 * memory_mb / 1024


def endpoint_dollars(instance_type: str, instances: int = 1, hours: float = HOURS_A_MONTH) -> float:
    """What an endpoint costs, used or not. Raises KeyError for an instance type without a price here."""
    return INSTANCE_HOUR_PRICES[instance_type] * instances * hours


def described(charged: Cost) -> dict[str, Any]:
    """A cost as a summary holds it: rounded to a millionth of a dollar, with the date of its prices."""
    return {
        "dollars": round(charged.dollars, 6),
        "items": {name: round(dollars, 6) for name, dollars in charged.items.items()},
        "price_date": PRICE_DATE,
        "price_region": PRICE_REGION,
        "estimate": True,
    }
