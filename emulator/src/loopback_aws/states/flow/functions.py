"""Lambda as a state machine calls it: in this process, without a request over HTTP."""

from __future__ import annotations

import contextvars
import json
import uuid
from typing import Any

from botocore.exceptions import ClientError
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import lambda_svc

from loopback_aws.states.flow.clients import client_for

Invocation = dict[str, Any]
"""Result of lambda:Invoke as a Task state sees it, its Payload parsed."""


def invoke(parameters: dict[str, Any], region: str) -> Invocation:
    """Invoke a function as lambda:invoke does; ClientError when Lambda refuses."""
    if parameters.get("InvocationType", "RequestResponse") != "RequestResponse":
        return _through_api(parameters, region)
    return contextvars.copy_context().run(_invoke, parameters, region)


def _invoke(parameters: dict[str, Any], region: str) -> Invocation:
    reference = str(parameters["FunctionName"])
    if reference.startswith("arn:"):
        set_request_account_id(reference.split(":")[4])
        set_request_region(reference.split(":")[3])
    else:
        set_request_region(region)
    if qualifier := parameters.get("Qualifier"):
        reference = f"{reference}:{qualifier}"
    function, configuration, _ = lambda_svc._get_func_record_for_ref(reference)
    if not function or not configuration:
        raise _refused("ResourceNotFoundException", f"Function not found: {_arn(reference, region)}", 404)
    record = lambda_svc._execution_record_for_config(function, configuration)
    given = json.loads(parameters.get("Payload", "{}"))
    answer = lambda_svc._execute_function_with_config_scope(record, given)
    if answer.get("throttle"):
        raise _refused("TooManyRequestsException", "Rate Exceeded.", 429)
    return _invocation(answer, str(configuration.get("Version", "$LATEST")))


def _invocation(answer: dict[str, Any], version: str) -> Invocation:
    request = str(uuid.uuid4())
    headers = {
        "Content-Type": "application/json",
        "X-Amz-Executed-Version": version,
        "x-amzn-RequestId": request,
    }
    invocation: Invocation = {
        "ExecutedVersion": version,
        "Payload": answer.get("body"),
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": request},
        "StatusCode": 200,
    }
    return invocation | ({"FunctionError": "Unhandled"} if answer.get("error") else {})


def _through_api(parameters: dict[str, Any], region: str) -> Invocation:
    answer: dict[str, Any] = client_for(region, "lambda").invoke(**parameters)
    text = answer["Payload"].read().decode()
    return answer | {"Payload": json.loads(text) if text else ""}


def _arn(reference: str, region: str) -> str:
    if reference.startswith("arn:"):
        return reference
    account = lambda_svc.get_account_id()
    return f"arn:aws:lambda:{region}:{account}:function:{reference}"


def _refused(code: str, message: str, status: int) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": str(uuid.uuid4())},
    }
    return ClientError(response, "Invoke")
