"""Endpoints as boto3 users see them: created, updated without a gap, scaled, restored, deleted."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from loopback_aws.instance import is_alive

from tests.archives import archive, model_data
from tests.hosting.hosting import Hosting, fresh
from tests.running.emulator import Emulator
from tests.running.waiting import until

OLD, NEW = "1.0", "1.1"


@pytest.fixture(scope="module")
def hosting(aws: Emulator) -> Hosting:
    return Hosting(aws)


@pytest.fixture(scope="module")
def endpoint(hosting: Hosting) -> Iterator[str]:
    """An endpoint that tests may update, if they leave it in service with one instance."""
    name = hosting.endpoint(hosting.config(hosting.model(version=OLD)))
    yield name
    hosting.api.delete_endpoint(EndpointName=name)


def code_and_message(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def running(hosting: Hosting, endpoint: str) -> int:
    """Instances of the endpoint's first variant that can answer."""
    variants = hosting.api.describe_endpoint(EndpointName=endpoint)["ProductionVariants"]
    return int(variants[0]["CurrentInstanceCount"])


def version_of(answer: dict[str, Any]) -> str:
    return str(answer["CustomAttributes"]).removeprefix("version=")


def test_an_endpoint_is_described_as_on_aws(hosting: Hosting, endpoint: str) -> None:
    answer = hosting.api.describe_endpoint(EndpointName=endpoint)
    assert answer["EndpointArn"] == f"arn:aws:sagemaker:us-east-1:000000000000:endpoint/{endpoint}"
    assert answer["CreationTime"] <= answer["LastModifiedTime"]
    (variant,) = answer["ProductionVariants"]
    assert (variant["VariantName"], variant["CurrentWeight"]) == ("AllTraffic", 1.0)
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (1, 1)
    listed = hosting.api.list_endpoints(NameContains=endpoint, StatusEquals="InService")["Endpoints"]
    assert [entry["EndpointName"] for entry in listed] == [endpoint]
    hosting.api.get_waiter("endpoint_in_service").wait(EndpointName=endpoint)


def test_the_model_answers(hosting: Hosting, endpoint: str) -> None:
    answer = hosting.invoke(endpoint, b"blue red blue blue", Accept="application/json", InferenceId="run-1")
    assert json.loads(answer["Body"].read()) == [0.25, 0.75]
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "AllTraffic"


def test_an_update_serves_every_request(hosting: Hosting, endpoint: str) -> None:
    before = version_of(hosting.invoke(endpoint))
    config = hosting.config(hosting.model(version=NEW))
    seen: list[str] = []
    errors: list[Exception] = []
    updated = threading.Event()

    def ask() -> None:
        after = 0
        while after < 5 and not errors:  # some more once the update is over
            after += updated.is_set()
            try:
                seen.append(version_of(hosting.invoke(endpoint)))
            except ClientError as error:
                errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: len(seen) > 20)
    hosting.api.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    during = hosting.api.describe_endpoint(EndpointName=endpoint)
    after = hosting.settled(endpoint)
    (swapped,) = hosting.servers(endpoint)
    updated.set()
    for thread in threads:
        thread.join()

    assert not errors
    assert during["EndpointStatus"] == "Updating"
    assert during["PendingDeploymentSummary"]["EndpointConfigName"] == config
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", config)
    assert set(seen) == {before, NEW}
    assert set(seen[-20:]) == {NEW}
    assert hosting.servers(endpoint) == [swapped]
    assert len(list((hosting.aws.state / "sagemaker" / "models" / endpoint).iterdir())) == 1


UNPING = "variant AllTraffic did not pass the ping health check"
MALFORMED: dict[str, tuple[bytes, str]] = {
    "no model": (archive({"readme.txt": b"no model"}), f"{UNPING}.*model.json is missing"),
    "not one that the server takes": (
        model_data("red"),
        f"{UNPING}.*model.json names no words to tell apart",
    ),
    "truncated": (model_data()[:60], "Failed to extract model data"),
    "escaping": (archive({"../escaped": b""}), "Failed to extract model data.*escaped"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_model_that_does_not_come_up_leaves_the_old_one_in_service(
    hosting: Hosting, endpoint: str, name: str
) -> None:
    content, reason = MALFORMED[name]
    before = hosting.api.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    serving = version_of(hosting.invoke(endpoint))
    broken = hosting.config(hosting.model(content))
    hosting.api.update_endpoint(EndpointName=endpoint, EndpointConfigName=broken)
    after = hosting.settled(endpoint)
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", before)
    assert re.search(reason, after["FailureReason"], re.DOTALL)
    assert version_of(hosting.invoke(endpoint)) == serving
    assert len(hosting.servers(endpoint)) == 1
    models = hosting.aws.state / "sagemaker" / "models"
    assert len(list((models / endpoint).iterdir())) == 1
    assert not list(models.rglob("*escaped*"))


def test_an_endpoint_that_is_being_updated_takes_no_other_update(hosting: Hosting, endpoint: str) -> None:
    config = hosting.config(hosting.model(archive({})))
    hosting.api.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    with pytest.raises(ClientError) as caught:
        hosting.api.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:endpoint/{endpoint}"
    assert code_and_message(caught) == ("ValidationException", f'Cannot update in-progress endpoint "{arn}".')
    assert hosting.settled(endpoint)["EndpointStatus"] == "InService"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "Failed to extract model data archive"), (None, "Failed to download model data")],
)
def test_unusable_model_data_fails_the_endpoint(hosting: Hosting, content: bytes | None, reason: str) -> None:
    model = hosting.model(content or b"not an archive")
    if content is None:
        uri = hosting.api.describe_model(ModelName=model)["PrimaryContainer"]["ModelDataUrl"]
        hosting.s3.delete_object(Bucket=hosting.bucket, Key=uri.split("/", 3)[3])
    name = fresh("endpoint")
    hosting.api.create_endpoint(EndpointName=name, EndpointConfigName=hosting.config(model))
    after = hosting.settled(name)
    assert after["EndpointStatus"] == "Failed"
    assert reason in after["FailureReason"]
    with pytest.raises(ClientError) as caught:
        hosting.invoke(name)
    assert code_and_message(caught)[0] == "ValidationError"
    with pytest.raises(ClientError, match="Cannot update failed endpoint"):
        hosting.api.update_endpoint(EndpointName=name, EndpointConfigName=after["EndpointConfigName"])
    hosting.api.delete_endpoint(EndpointName=name)
    assert not hosting.servers(name)


def test_weights_and_capacities_change_what_runs(hosting: Hosting) -> None:
    name = hosting.endpoint(hosting.config(hosting.model(version=OLD), hosting.model(version=NEW)))
    try:
        shares = Counter(hosting.invoke(name)["InvokedProductionVariant"] for _ in range(20))
        assert shares == {"A": 10, "B": 10}
        change = [
            {"VariantName": "A", "DesiredWeight": 3.0, "DesiredInstanceCount": 2},
            {"VariantName": "B", "DesiredWeight": 1.0},
        ]
        hosting.api.update_endpoint_weights_and_capacities(
            EndpointName=name, DesiredWeightsAndCapacities=change
        )
        after = {variant["VariantName"]: variant for variant in hosting.settled(name)["ProductionVariants"]}
        assert (after["A"]["CurrentInstanceCount"], after["B"]["CurrentInstanceCount"]) == (2, 1)
        assert len(hosting.servers(name)) == 3
        answers = [hosting.invoke(name) for _ in range(20)]
        assert Counter(answer["InvokedProductionVariant"] for answer in answers) == {"A": 15, "B": 5}
        aimed = {hosting.invoke(name, TargetVariant="B")["CustomAttributes"] for _ in range(4)}
        assert aimed == {f"version={NEW}"}

        retained = hosting.config(hosting.model(), hosting.model())
        hosting.api.update_endpoint(
            EndpointName=name,
            EndpointConfigName=retained,
            RetainAllVariantProperties=True,
            ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
        )
        kept = {variant["VariantName"]: variant for variant in hosting.settled(name)["ProductionVariants"]}
        assert (kept["A"]["CurrentInstanceCount"], kept["A"]["CurrentWeight"]) == (2, 1.0)

        hosting.api.update_endpoint_weights_and_capacities(
            EndpointName=name, DesiredWeightsAndCapacities=[{"VariantName": "A", "DesiredInstanceCount": 1}]
        )
        hosting.settled(name)
        assert len(hosting.servers(name)) == 2
    finally:
        hosting.api.delete_endpoint(EndpointName=name)


def test_a_crashed_instance_is_routed_around_and_replaced(hosting: Hosting) -> None:
    name = hosting.endpoint(hosting.config(hosting.model(), count=2))
    try:
        first, second = hosting.servers(name)
        os.kill(first, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{first}").exists())  # reaped: the emulator knows
        for _ in range(4):
            hosting.invoke(name)
        until(lambda: len(hosting.servers(name)) == 2)
        assert second in hosting.servers(name)
        until(lambda: running(hosting, name) == 2)
    finally:
        hosting.api.delete_endpoint(EndpointName=name)


def test_deleting_leaves_nothing(hosting: Hosting) -> None:
    model = hosting.model()
    config = hosting.config(model)
    name = hosting.endpoint(config)
    assert len(hosting.servers(name)) == 1
    hosting.api.delete_endpoint(EndpointName=name)
    hosting.api.delete_endpoint_config(EndpointConfigName=config)
    hosting.api.delete_model(ModelName=model)
    assert not hosting.servers(name)
    assert not [path for path in (hosting.aws.state / "sagemaker").rglob("*") if name in str(path)]
    hosting.api.get_waiter("endpoint_deleted").wait(EndpointName=name)
    for describe, request in (
        (hosting.api.describe_endpoint, {"EndpointName": name}),
        (hosting.api.describe_endpoint_config, {"EndpointConfigName": config}),
        (hosting.api.describe_model, {"ModelName": model}),
    ):
        with pytest.raises(ClientError, match="Could not find"):
            describe(**request)


def test_endpoints_come_back_with_the_emulator(hosting: Hosting) -> None:
    """After a kill as after a stop; a stop also writes the captured records that wait."""
    aws = hosting.aws
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{hosting.bucket}/captured",
        "CaptureOptions": [{"CaptureMode": "Output"}],
    }
    name = hosting.endpoint(hosting.config(hosting.model(version=NEW), DataCaptureConfig=capture))
    try:
        hosting.api.update_endpoint_weights_and_capacities(
            EndpointName=name,
            DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 2}],
        )
        hosting.settled(name)
        hosting.invoke(name)
        servers = hosting.servers(name)
        aws.restart()
        assert not any(is_alive(pid) for pid in servers)
        written = hosting.s3.list_objects_v2(Bucket=hosting.bucket, Prefix=f"captured/{name}/AllTraffic/")
        assert written["KeyCount"] == 1
        servers = hosting.servers(name)
        assert len(servers) == 2
        aws.kill()
        until(lambda: not any(is_alive(pid) for pid in servers))

        aws.restart()
        assert hosting.api.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService"
        assert len(hosting.servers(name)) == 2
        assert version_of(hosting.invoke(name)) == NEW
    finally:
        hosting.api.delete_endpoint(EndpointName=name)
