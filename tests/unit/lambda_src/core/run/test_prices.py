"""Prices: arithmetic over counted figures, against sums done by hand from AWS's price pages."""

from __future__ import annotations

from datetime import date

import pytest

from lambda_src.core.run.prices import (
    PRICE_DATE,
    PRICES,
    Usage,
    batch_usage,
    cost,
    described,
    endpoint_dollars,
    express_gb_seconds,
    lambda_gb_seconds,
    single_usage,
)

MILLION = 1_000_000


def test_every_item_has_its_price() -> None:
    assert set(PRICES) == set(Usage._fields)
    assert date.fromisoformat(PRICE_DATE) <= date.today()


def test_a_million_images_one_by_one() -> None:
    """Three states, three functions of 256 MB for 50 ms each, one read: $75 + $0.60 + $0.625 + $0.40."""
    one = Usage(
        standard_transitions=3,
        lambda_requests=3,
        lambda_gb_seconds=3 * lambda_gb_seconds(0.05, 256),
        s3_gets=1,
    )
    charged = cost(single_usage(MILLION, one))
    assert charged.items == pytest.approx(
        {"standard_transitions": 75, "lambda_requests": 0.6, "lambda_gb_seconds": 0.625, "s3_gets": 0.4},
        rel=1e-4,
    )
    assert charged.dollars == pytest.approx(76.625, rel=1e-4)


def test_a_million_images_in_batches_of_100() -> None:
    """10,000 children: $0.25 + $0.01 + $0.0104 + $0.006 + $0.0625, $0.40 + $0.004 to read, $0.05 to pack."""
    batch = Usage(
        standard_transitions=1,
        express_requests=1,
        express_gb_seconds=express_gb_seconds(0.95),
        lambda_requests=3,
        lambda_gb_seconds=lambda_gb_seconds(1.5, 256),
        s3_gets=1,
        s3_puts_and_lists=1,
    )
    usage = batch_usage(MILLION, 100, batch=batch, run=Usage(standard_transitions=5), image=Usage(s3_gets=1))
    assert usage.standard_transitions == 10_005
    assert cost(usage).dollars == pytest.approx(0.793, abs=0.002)


def test_the_last_batch_counts_whole_and_none_costs_the_run_only() -> None:
    one, run = Usage(express_requests=1), Usage(standard_transitions=5)
    requests = [
        batch_usage(n, 10, batch=one, run=run, image=Usage()).express_requests for n in (0, 1, 10, 11)
    ]
    assert requests == [0, 1, 1, 2]
    assert batch_usage(0, 10, batch=one, run=run, image=one) == run


@pytest.mark.parametrize(
    ("seconds", "memory_gb", "billed"),
    [(0, 0.01, 0.1), (0.1, 0.01, 0.1), (0.101, 0.01, 0.2), (1.25, 0.0625, 1.3), (0.3, 0.07, 0.6)],
)
def test_express_is_billed_in_steps(seconds: float, memory_gb: float, billed: float) -> None:
    assert express_gb_seconds(seconds, memory_gb) == pytest.approx(billed / 16)


def test_functions_are_billed_by_the_millisecond() -> None:
    assert lambda_gb_seconds(0.0101, 1024) == pytest.approx(0.011)
    assert lambda_gb_seconds(1, 512) == 0.5


def test_the_endpoint_by_the_hour() -> None:
    assert endpoint_dollars("ml.m5.large") == pytest.approx(83.95)
    assert endpoint_dollars("ml.m5.large", instances=2, hours=1) == pytest.approx(0.23)
    with pytest.raises(KeyError):
        endpoint_dollars("ml.none")


def test_a_cost_says_how_old_its_prices_are() -> None:
    assert described(cost(Usage(s3_gets=10))) == {
        "dollars": 0.000004,
        "items": {"s3_gets": 0.000004},
        "price_date": PRICE_DATE,
        "price_region": "us-east-1",
        "estimate": True,
    }
