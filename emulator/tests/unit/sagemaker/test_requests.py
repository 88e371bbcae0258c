"""What the local SageMaker takes, refuses, and says about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.model import ListShape, Shape, StructureShape
from loopback_aws.errors import ApiError
from loopback_aws.requests.shapes import check_request, input_shape
from loopback_aws.requests.typed import typed
from loopback_aws.sagemaker.containers import only_container, repository_of
from loopback_aws.sagemaker.control.supported import ACCEPTED, HONOURED
from loopback_aws.sagemaker.names import Region, name_of, split_s3_uri
from loopback_aws.sagemaker.service import SageMaker
from loopback_aws.settings import Image

VARIANT = {
    "VariantName": "AllTraffic",
    "ModelName": "m",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 1,
}
CONFIG = {"EndpointConfigName": "c", "ProductionVariants": [VARIANT]}
IMAGES = (Image(repository="model-server", command=("false",), working_directory=Path()),)
MODEL = {"ModelName": "m", "PrimaryContainer": {"Image": "model-server:local"}}


@pytest.fixture
def sagemaker(tmp_path: Any) -> Any:
    service = SageMaker(state=tmp_path, account="000000000000", region="us-east-1", s3=None, images=IMAGES)
    service.call("CreateModel", MODEL)
    yield service
    service.stop()


@pytest.mark.parametrize(
    ("operation", "request_", "problem"),
    [
        (
            "CreateModel",
            {"ModelName": "under_score"},
            r"Value 'under_score' at 'modelName' .* regular expression",
        ),
        ("CreateModel", {"ModelName": "m" * 64}, "length less than or equal to 63"),
        ("CreateModel", {}, "Value null at 'modelName' .* must not be null"),
        ("CreateEndpointConfig", {**CONFIG, "ProductionVariants": []}, "length greater than or equal to 1"),
        (
            "CreateEndpointConfig",
            {**CONFIG, "ProductionVariants": [{**VARIANT, "InstanceType": "ml.pdp11"}]},
            r"Value 'ml.pdp11' at 'productionVariants.1.member.instanceType' .* enum value set",
        ),
        (
            "CreateEndpointConfig",
            {**CONFIG, "ProductionVariants": [{**VARIANT, "InitialInstanceCount": 0}]},
            "value greater than or equal to 1",
        ),
        (
            "AddTags",
            {"ResourceArn": "arn:aws:x", "Tags": [{"Key": "a|b", "Value": "v"}]},
            "regular expression",
        ),
        ("CreateModel", {"ModelName": "m", "Colour": "red"}, "colour is no parameter"),
    ],
)
def test_a_wrong_request_is_refused_in_aws_words(
    operation: str, request_: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ApiError, match=problem) as caught:
        check_request("sagemaker", operation, request_)
    assert caught.value.code == "ValidationException"


def test_a_wrong_type_is_a_serialization_error() -> None:
    with pytest.raises(ApiError, match="modelName") as caught:
        check_request("sagemaker", "CreateModel", {"ModelName": 7})
    assert caught.value.code == "SerializationException"


@pytest.mark.parametrize(
    ("operation", "request_", "named"),
    [
        (
            "CreateModel",
            {**MODEL, "VpcConfig": {"Subnets": ["s-1"], "SecurityGroupIds": ["g-1"]}},
            "VpcConfig",
        ),
        (
            "CreateModel",
            {"ModelName": "x", "PrimaryContainer": {"ModelPackageName": "p"}},
            "PrimaryContainer.ModelPackageName",
        ),
        (
            "CreateModel",
            {"ModelName": "x", "PrimaryContainer": {"Image": "model-server", "Mode": "MultiModel"}},
            "MultiModel",
        ),
        (
            "CreateModel",
            {"ModelName": "x", "Containers": [{"Image": "model-server"}, {"Image": "model-server"}]},
            "several containers",
        ),
        (
            "CreateModel",
            {"ModelName": "x", "PrimaryContainer": {"Image": "1.dkr.ecr.us-east-1.amazonaws.com/other:1"}},
            "1.dkr.ecr.us-east-1.amazonaws.com/other:1",
        ),
        (
            "CreateEndpointConfig",
            {
                "EndpointConfigName": "c",
                "ProductionVariants": [
                    {
                        "VariantName": "A",
                        "ModelName": "m",
                        "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1},
                    }
                ],
            },
            "ProductionVariants.ServerlessConfig",
        ),
        (
            "CreateEndpointConfig",
            {**CONFIG, "AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/o"}}},
            "AsyncInferenceConfig",
        ),
        (
            "CreateEndpointConfig",
            {**CONFIG, "ShadowProductionVariants": [VARIANT]},
            "ShadowProductionVariants",
        ),
        ("CreateTrainingJob", {}, "CreateTrainingJob"),
    ],
)
def test_what_is_not_emulated_is_refused_by_name(
    sagemaker: SageMaker, operation: str, request_: dict[str, Any], named: str
) -> None:
    with pytest.raises(ApiError, match="not emulated on loopback") as caught:
        sagemaker.call(operation, request_)
    assert named in caught.value.message
    assert not sagemaker.store.all("endpoint-config")
    assert len(sagemaker.store.all("model")) == 1


def test_harmless_parameters_are_taken_and_described(sagemaker: SageMaker) -> None:
    key = "arn:aws:kms:us-east-1:000000000000:key/1"
    sagemaker.call("CreateEndpointConfig", {**CONFIG, "KmsKeyId": key, "EnableNetworkIsolation": True})
    assert sagemaker.call("DescribeEndpointConfig", {"EndpointConfigName": "c"})["KmsKeyId"] == key


def test_every_supported_parameter_exists_on_aws() -> None:
    for table in (HONOURED, ACCEPTED):
        for operation, paths in table.items():
            for path in paths:
                shape: Shape = input_shape("sagemaker", operation)
                for name in path.removesuffix(".*").split("."):
                    shape = shape.member if isinstance(shape, ListShape) else shape
                    assert isinstance(shape, StructureShape), (operation, path)
                    shape = shape.members[name]


@pytest.mark.parametrize(
    ("message", "operation", "request_"),
    [
        (
            'Could not find model "arn:aws:sagemaker:us-east-1:000000000000:model/gone".',
            "DescribeModel",
            {"ModelName": "Gone"},
        ),
        (
            'Cannot create already existing model "arn:aws:sagemaker:us-east-1:000000000000:model/m".',
            "CreateModel",
            MODEL,
        ),
        (
            'Could not find endpoint configuration "arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/x".',  # noqa: E501 - AWS's own words
            "CreateEndpoint",
            {"EndpointName": "e", "EndpointConfigName": "x"},
        ),
    ],
)
def test_errors_are_worded_as_on_aws(
    sagemaker: SageMaker, message: str, operation: str, request_: dict[str, Any]
) -> None:
    with pytest.raises(ApiError) as caught:
        sagemaker.call(operation, request_)
    assert (caught.value.code, caught.value.message) == ("ValidationException", message)


def test_more_instances_than_a_machine_should_run_are_refused(sagemaker: SageMaker) -> None:
    sagemaker.call(
        "CreateEndpointConfig",
        {**CONFIG, "ProductionVariants": [{**VARIANT, "InitialInstanceCount": 17}]},
    )
    with pytest.raises(ApiError, match=r"at most 16 instances.*17 were asked for") as caught:
        sagemaker.call("CreateEndpoint", {"EndpointName": "e", "EndpointConfigName": "c"})
    assert caught.value.code == "ResourceLimitExceeded"
    assert not sagemaker.store.all("endpoint")


def test_lists_page_filter_and_sort(sagemaker: SageMaker) -> None:
    for index in range(12):
        sagemaker.call("CreateModel", {**MODEL, "ModelName": f"list-{index:02d}"})
    names: list[str] = []
    request: dict[str, Any] = {
        "NameContains": "LIST",
        "SortBy": "Name",
        "SortOrder": "Ascending",
        "MaxResults": 5,
    }
    while True:
        page = sagemaker.call("ListModels", request)
        names += [model["ModelName"] for model in page["Models"]]
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]
    assert names == [f"list-{index:02d}" for index in range(12)]
    assert len(sagemaker.call("ListModels", {})["Models"]) == 10  # a page without MaxResults
    assert (
        sagemaker.call("ListModels", {"MaxResults": 1})["Models"][0]["ModelName"] == "list-11"
    )  # newest first
    with pytest.raises(ApiError, match="NextToken"):
        sagemaker.call("ListModels", {"NextToken": "not-mine"})


def test_no_training_job_is_listed(sagemaker: Any) -> None:
    assert sagemaker.call("ListTrainingJobs", {"NameContains": "any"}) == {"TrainingJobSummaries": []}


def test_tags_are_added_listed_and_deleted(sagemaker: SageMaker) -> None:
    arn = sagemaker.call("CreateModel", {**MODEL, "ModelName": "T", "Tags": [{"Key": "a", "Value": "1"}]})[
        "ModelArn"
    ]
    sagemaker.call("AddTags", {"ResourceArn": arn, "Tags": [{"Key": "b", "Value": "2"}]})
    sagemaker.call("DeleteTags", {"ResourceArn": arn, "TagKeys": ["a"]})
    assert sagemaker.call("ListTags", {"ResourceArn": arn})["Tags"] == [{"Key": "b", "Value": "2"}]
    with pytest.raises(ApiError, match="reserved"):
        sagemaker.call("AddTags", {"ResourceArn": arn, "Tags": [{"Key": "aws:x", "Value": "2"}]})
    with pytest.raises(ApiError, match="Could not find"):
        sagemaker.call("ListTags", {"ResourceArn": arn + "gone"})


def test_resources_survive_in_the_state(sagemaker: SageMaker, tmp_path: Any) -> None:
    again = SageMaker(state=tmp_path, account="000000000000", region="us-east-1", s3=None, images=IMAGES)
    try:
        assert again.call("DescribeModel", {"ModelName": "m"}) == sagemaker.call(
            "DescribeModel", {"ModelName": "m"}
        )
    finally:
        again.stop()


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("model-server:local", "model-server"),
        ("1.dkr.ecr.us-east-1.amazonaws.com/team/model-server@sha256:ab12", "model-server"),
        ("localhost:5000/model-server", "model-server"),
        ("model-server/other:model-server", "other"),
    ],
)
def test_the_repository_is_read_from_an_image_address(image: str, repository: str) -> None:
    assert repository_of(image) == repository


def test_a_model_needs_a_container() -> None:
    with pytest.raises(ApiError, match="PrimaryContainer"):
        only_container({"ModelName": "m"})


@pytest.mark.parametrize(
    "uri",
    [
        "s3://b/p/model.tar.gz",
        "https://s3.us-east-1.amazonaws.com/b/p/model.tar.gz",
        "https://b.s3.amazonaws.com/p/model.tar.gz",
    ],
)
def test_addresses_of_objects(uri: str) -> None:
    assert split_s3_uri(uri) == ("b", "p/model.tar.gz")


def test_arns_hold_names_in_lower_case() -> None:
    region = Region("eu-west-1", "123456789012")
    assert region.arn("endpoint", "My-EP") == "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/my-ep"
    assert name_of(region.arn("endpoint", "My-EP")) == "my-ep"


def test_cloudformation_strings_become_numbers_and_booleans() -> None:
    shape = input_shape("sagemaker", "CreateEndpointConfig")
    properties = {
        "ProductionVariants": [{"InitialInstanceCount": "2", "InitialVariantWeight": "0.5", "ModelName": 7}],
        "DataCaptureConfig": {"EnableCapture": "true", "InitialSamplingPercentage": 100.0},
    }
    assert typed(shape, properties) == {
        "ProductionVariants": [{"InitialInstanceCount": 2, "InitialVariantWeight": 0.5, "ModelName": "7"}],
        "DataCaptureConfig": {"EnableCapture": True, "InitialSamplingPercentage": 100},
    }
    with pytest.raises(
        ValueError, match=r"ProductionVariants/0/InitialInstanceCount must be a integer, not '1.5'"
    ):
        typed(shape, {"ProductionVariants": [{"InitialInstanceCount": "1.5"}]})
    with pytest.raises(ValueError, match="unsupported property DataCaptureConfig/Percent"):
        typed(shape, {"DataCaptureConfig": {"Percent": 1}})
