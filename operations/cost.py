"""`scones cost`: what a million images cost by design, and how that is known."""

from __future__ import annotations

from typing import Annotated, Any

import boto3
import typer

from lambda_src.core.run.prices import (
    HOURS_A_MONTH,
    INSTANCE_HOUR_PRICES,
    PRICE_DATE,
    PRICE_REGION,
    Usage,
    cost,
    endpoint_dollars,
)
from operations.aws.clients import s3_client, stepfunctions_client
from operations.aws.deployment import StageOption, find_deployment, print_deployment
from operations.aws.errors import OperationError
from operations.costing.designs import BUSY, measure
from operations.costing.measurement import (
    MILLION,
    RUN_IMAGES,
    Measurement,
    last_measurement,
    usages,
    write_measurement,
)
from operations.costing.trials import Clients
from operations.terminal import Column, Row, say, say_json, say_table, tell

EPILOG = """
Examples:
Run every design on the stage at hand, count, and print what a million images cost:
  scones cost --measure

The same figures once more, for 300,000 images a month and the endpoint's hours:
  scones cost --monthly 300000

Exit code:
0: the figures are printed. 2: not possible as asked.
"""

GROUPS = {
    "transitions": ("standard_transitions",),
    "Express": ("express_requests", "express_gb_seconds"),
    "Lambda requests": ("lambda_requests",),
    "Lambda time": ("lambda_gb_seconds",),
    "S3": ("s3_gets", "s3_puts_and_lists"),
    "SNS": ("notifications",),
    "events": ("events", "queue_requests"),
}
"""What is charged for, in the table's columns."""


def cost_command(
    measure_now: Annotated[
        bool,
        typer.Option("--measure", help="Run the designs on the deployed stage first, some minutes."),
    ] = False,
    monthly: Annotated[
        int | None,
        typer.Option(help="Images a month: adds the endpoint's hours.", min=1, metavar="IMAGES"),
    ] = None,
    instances: Annotated[int, typer.Option(help="Instances of the endpoint, for --monthly.", min=1)] = 1,
    instance_type: Annotated[
        str, typer.Option(help=f"Their type: {', '.join(INSTANCE_HOUR_PRICES)}.")
    ] = "ml.m5.large",
    stage: StageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Print what a million images cost: one by one, in batches, uploaded, and by the reference design.

    The reference is one Standard execution an image with the image inside the state, without checks.

    State transitions are counted in executions' histories, invocations and their time in the functions' logs,
    Express time in the map runs' results; requests to S3 follow from the design. The functions' time is that
    of the machine measured on. Prices are list prices.
    """
    if instance_type not in INSTANCE_HOUR_PRICES:
        known = ", ".join(INSTANCE_HOUR_PRICES)
        raise OperationError(f"No price is known for {instance_type}; there are: {known}.")
    if measure_now:
        write_measurement(_measure(stage))
    measurement, path = last_measurement()
    report = cost_report(measurement, monthly, instance_type, instances)
    if as_json:
        say_json(report | {"measurement": measurement.as_json(), "file": str(path)})
        return
    _print(report, measurement)
    say(f"Measured {measurement.measured} on {measurement.where}: {path}")
    if measurement.load is not None and measurement.load > BUSY:
        say(
            f"The machine was busy then ({measurement.load} processes a core): "
            "Lambda and Express time are too long."
        )


def cost_report(
    measurement: Measurement, monthly: int | None, instance_type: str, instances: int
) -> dict[str, Any]:
    """Dollars by design for a million images and, with `monthly`, for so many with the endpoint's hours."""
    designs = _priced(usages(measurement), MILLION)
    report: dict[str, Any] = {
        "prices": {"date": PRICE_DATE, "region": PRICE_REGION},
        "images": MILLION,
        "images_a_run": RUN_IMAGES,
        "designs": designs,
    }
    if monthly is not None:
        endpoint = endpoint_dollars(instance_type, instances)
        report["monthly"] = {
            "images": monthly,
            "endpoint": {
                "instance_type": instance_type,
                "instances": instances,
                "hours": HOURS_A_MONTH,
                "dollars": round(endpoint, 2),
            },
            "designs": {
                name: {**priced, "with_endpoint": round(priced["dollars"] + endpoint, 2)}
                for name, priced in _priced(usages(measurement, monthly), monthly).items()
            },
        }
    return report


def _priced(used: dict[str, Usage], images: int) -> dict[str, dict[str, Any]]:
    """Each design's dollars, whole and by group, its counts an image, and its share of the reference."""
    reference = cost(used["reference"]).dollars if "reference" in used else None
    priced = {}
    for name, usage in used.items():
        charged = cost(usage)
        priced[name] = {
            "dollars": round(charged.dollars, 6),
            "of_reference": round(charged.dollars / reference, 6) if reference else None,
            "items": {
                group: round(sum(charged.items.get(item, 0.0) for item in items), 6)
                for group, items in GROUPS.items()
            },
            "transitions_an_image": round(usage.standard_transitions / images, 6),
            "invocations_an_image": round(usage.lambda_requests / images, 6),
            "usage": {item: round(count, 3) for item, count in usage._asdict().items()},
        }
    return priced


def _measure(stage: str | None) -> Measurement:
    deployment = find_deployment(stage)
    print_deployment(deployment)
    clients = Clients(s3_client(), stepfunctions_client(), boto3.client("logs"), boto3.client("lambda"))
    return measure(deployment, clients, tell)


def _print(report: dict[str, Any], measurement: Measurement) -> None:
    rows: list[Row] = []
    for name, priced in report["designs"].items():
        share = priced["of_reference"]
        dollars = (f"{dollars:.2f}" for dollars in priced["items"].values())
        of_reference = "" if share is None else f"1/{1 / share:.0f}"
        rows.append((name, *dollars, f"{priced['dollars']:.2f}", of_reference))
    say_table(_columns(*GROUPS, "dollars", "of reference"), rows, "A million images, dollars")
    if "monthly" in report:
        _print_monthly(report["monthly"])
    say(
        f"List prices of {PRICE_REGION}, {PRICE_DATE}. Runs over {RUN_IMAGES:,} images; "
        f"images of {measurement.image_bytes:,.0f} bytes on average.",
        "Counted: transitions, invocations, Lambda's and Express workflows' time. "
        "By design: requests to S3, one message a run; what an upload adds: events, queue, an invocation.",
        "Not in it: storage, logs, data capture, traffic; failures' messages and retries; the free tier.",
    )
    if measurement.reference is None:
        say("The reference is measured on AWS on loopback only: it is deployed there for the purpose.")


def _print_monthly(monthly: dict[str, Any]) -> None:
    endpoint = monthly["endpoint"]
    what = f"{endpoint['instances']} x {endpoint['instance_type']}, {endpoint['hours']} h"
    rows = [
        (name, f"{priced['dollars']:.2f}", f"{endpoint['dollars']:.2f}", f"{priced['with_endpoint']:.2f}")
        for name, priced in monthly["designs"].items()
    ]
    columns = _columns("images", f"endpoint ({what})", "dollars")
    say_table(columns, rows, f"{monthly['images']:,} images a month")


def _columns(*numbers: str) -> tuple[Column, ...]:
    return (Column("design"), *(Column(title, right=True) for title in numbers))
