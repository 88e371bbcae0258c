"""Over HTTP: what is signed with a key of the local AWS works, the keys that it hands out itself included."""

from __future__ import annotations

import io
import json
import zipfile
from urllib.parse import urlsplit

import pytest
from botocore.config import Config

from tests.access.asking import answered
from tests.running import functions
from tests.running.emulator import Emulator

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("version", [None, "s3v4"])
def test_presigned_addresses_work_for_what_they_were_made(aws: Emulator, version: str | None) -> None:
    s3 = aws.client_with("s3", Config(signature_version=version))
    aws.client("s3").create_bucket(Bucket="presigned")
    where = {"Bucket": "presigned", "Key": "süß a+b.txt"}
    put, get = (_path(s3.generate_presigned_url(f"{verb}_object", Params=where)) for verb in ("put", "get"))
    with answered(aws, "PUT", put, {}, b"picture") as answer:
        assert answer.status == 200, answer.read()
    with answered(aws, "GET", get, {"Sec-Fetch-Site": "none"}) as answer:
        assert (answer.status, answer.read()) == (200, b"picture")
    for method, path, headers in (
        ("DELETE", get, {}),
        ("GET", get.replace(".txt", ".pdf"), {}),
        ("GET", get, {"Sec-Fetch-Site": "cross-site"}),
    ):
        with answered(aws, method, path, headers) as answer:
            assert answer.status == 403, method


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_address_of_s3_is_no_way_to_another_service(aws: Emulator, version: str) -> None:
    """Its signature covers neither a form's type nor its body, which name the operation elsewhere."""
    s3 = aws.client_with("s3", Config(signature_version=version))
    aws.client("s3").create_bucket(Bucket="presigned")
    form, body = {"Content-Type": FORM}, b"Action=CreateQueue&QueueName=of-a-guest&Version=2012-11-05"
    where = {"Bucket": "presigned", "Key": "upload"} | ({"ContentType": FORM} if version == "s3" else {})
    with answered(aws, "PUT", _path(s3.generate_presigned_url("put_object", where)), form, body) as answer:
        assert answer.status == 200, answer.read()
    assert aws.client("s3").get_object(Bucket="presigned", Key="upload")["Body"].read() == body
    begun = _path(s3.generate_presigned_url("create_multipart_upload", where))
    with answered(aws, "POST", begun, form, body) as answer:
        assert b"<UploadId>" in answer.read()
    assert not aws.client("sqs").list_queues(QueueNamePrefix="of-a-guest").get("QueueUrls")


def _path(url: str) -> str:
    split = urlsplit(url)
    return f"{split.path}?{split.query}"


def test_sessions_of_roles_act_in_the_account_of_the_role(aws: Emulator) -> None:
    """As the CDK CLI deploys. The pair itself is of the documented account."""
    assert aws.client("sts").get_caller_identity()["Account"] == "000000000000"
    for account in ("000000000000", "111111111111"):
        session = aws.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/r", RoleSessionName="test"
        )
        given = session["Credentials"]
        assumed = aws.client_with(
            "sts",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )
        assert assumed.get_caller_identity()["Account"] == account


def test_a_function_reaches_the_local_aws_with_the_keys_that_it_gets(aws: Emulator) -> None:
    code = (
        "import boto3\ndef handler(event, context):\n"
        "    return boto3.client('sts').get_caller_identity()['Account']\n"
    )
    function = functions.create(aws, code)
    answer = aws.client("lambda").invoke(FunctionName=function)
    assert json.load(answer["Payload"]) == "000000000000"


def test_the_code_of_a_function_is_downloaded_from_its_presigned_address(aws: Emulator) -> None:
    function = functions.create(aws, "def handler(event, context):\n    pass\n")
    location = aws.client("lambda").get_function(FunctionName=function)["Code"]["Location"]
    with answered(aws, "GET", _path(location), {}) as answer:
        assert zipfile.ZipFile(io.BytesIO(answer.read())).namelist()
    with answered(aws, "GET", urlsplit(location).path, {}) as answer:
        assert answer.status == 403


ANSWERING = """\
import json, urllib.request
def handler(event, context):
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": "made", "Data": {"A": "b"}}
    url, data = event["ResponseURL"], json.dumps(answer).encode()
    urllib.request.urlopen(urllib.request.Request(url, data, {"content-type": ""}, method="PUT"), timeout=30)
"""


def test_a_custom_resource_answers_at_its_presigned_address(aws: Emulator) -> None:
    function = aws.client("lambda").get_function(FunctionName=functions.create(aws, ANSWERING))
    own = {"Type": "Custom::Own", "Properties": {"ServiceToken": function["Configuration"]["FunctionArn"]}}
    template = {"Resources": {"Own": own}, "Outputs": {"A": {"Value": {"Fn::GetAtt": ["Own", "A"]}}}}
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName="answered", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="answered", WaiterConfig={"Delay": 1})
    [stack] = cloudformation.describe_stacks(StackName="answered")["Stacks"]
    assert stack["Outputs"][0]["OutputValue"] == "b"
    cloudformation.delete_stack(StackName="answered")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="answered", WaiterConfig={"Delay": 1})
