"""What DescribeEndpoint answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loopback_aws.sagemaker.hosting.traffic import Traffic
from loopback_aws.sagemaker.store import Record, public

Stages = Mapping[str, dict[str, Any]]
"""What happens to variants, by their names, as `VariantStatus` shows it."""


def describe(record: Record, traffic: Traffic | None) -> dict[str, Any]:
    """The endpoint with its variants as they run, the capture, and the update under way if there is one."""
    answer = public(record)
    plan = record["_plan"]
    if traffic is not None:
        running = {name: fleet.running for name, fleet in traffic.deployment.fleets.items()}
        answer["ProductionVariants"] = _variants(plan, running, record.get("_stages") or {})
    if capture := plan["config"].get("DataCaptureConfig"):
        started = bool(capture.get("EnableCapture")) and traffic is not None
        answer["DataCaptureConfig"] = {
            "EnableCapture": bool(capture.get("EnableCapture")),
            "CaptureStatus": "Started" if started else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    if pending := record.get("_pending"):
        answer["PendingDeploymentSummary"] = {
            "EndpointConfigName": pending["plan"]["config"]["EndpointConfigName"],
            "ProductionVariants": _pending_variants(pending, traffic),
            "StartTime": pending["start"],
        }
    return answer


def _variants(plan: dict[str, Any], running: Mapping[str, int], stages: Stages) -> list[dict[str, Any]]:
    created = plan["config"]["CreationTime"]
    return [
        {
            "VariantName": name,
            "DeployedImages": [
                {
                    "SpecifiedImage": container["Image"],
                    "ResolvedImage": container["Image"],
                    "ResolutionTime": created,
                }
            ],
            "CurrentWeight": plan["weights"][name] if running else 0.0,
            "DesiredWeight": plan["weights"][name],
            "CurrentInstanceCount": running.get(name, 0),
            "DesiredInstanceCount": plan["counts"][name],
        }
        | ({"VariantStatus": [stages[name]]} if name in stages else {})
        for name, container in plan["containers"].items()
    ]


def _pending_variants(pending: dict[str, Any], traffic: Traffic | None) -> list[dict[str, Any]]:
    """Variants of the fleet that comes. As in AWS's example, the current instances are those with traffic.

    docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
    """
    plan, incoming = pending["plan"], traffic.incoming if traffic else None
    active = {name: fleet.active or 0 for name, fleet in incoming.fleets.items()} if incoming else {}
    types = {
        variant["VariantName"]: variant["InstanceType"] for variant in plan["config"]["ProductionVariants"]
    }
    return [
        variant | {"InstanceType": types[variant["VariantName"]]}
        for variant in _variants(plan, active, pending.get("stages") or {})
    ]
