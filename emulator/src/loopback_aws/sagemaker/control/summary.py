"""What DescribeEndpoint answers."""

from __future__ import annotations

from typing import Any

from loopback_aws.sagemaker.hosting.deployment import Deployment
from loopback_aws.sagemaker.store import Record, public


def describe(record: Record, deployment: Deployment | None) -> dict[str, Any]:
    """The endpoint with its variants as they run, the capture, and the update under way if there is one."""
    answer = public(record)
    plan = record["_plan"]
    if deployment is not None:
        running = {name: fleet.running for name, fleet in deployment.fleets.items()}
        answer["ProductionVariants"] = _variants(plan, running)
    if capture := plan["config"].get("DataCaptureConfig"):
        started = bool(capture.get("EnableCapture")) and deployment is not None
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
            "ProductionVariants": _variants(pending["plan"], {}),
            "StartTime": pending["start"],
        }
    return answer


def _variants(plan: dict[str, Any], running: dict[str, int]) -> list[dict[str, Any]]:
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
        for name, container in plan["containers"].items()
    ]
