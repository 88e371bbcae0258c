"""Services and actions of `aws-sdk:` integrations: Step Functions names them as the SDK for Java does.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

from functools import cache

from botocore import xform_name
from botocore.exceptions import ClientError

from loopback_aws.states.flow.service_members import model, pascal, service_names

_OTHERS = {
    "applicationdiscovery": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costandusagereport": "cur",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "directory": "ds",
    "directoryservicedata": "ds-data",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntime": "lex-runtime",
    "lexruntimev2": "lexv2-runtime",
    "marketplaceentitlement": "marketplace-entitlement",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "pinpointsmsvoice": "sms-voice",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
    "simpledb": "sdb",
}
"""Names that are not botocore's without its hyphens."""


def boto_service(name: str) -> str | None:
    """botocore's name of a service, `sagemaker-runtime` of `sagemakerruntime`; None when there is none."""
    return _services().get(name)


@cache
def _services() -> dict[str, str]:
    others = set(_OTHERS.values())
    return {name.replace("-", ""): name for name in service_names() if name not in others} | _OTHERS


@cache
def boto_action(service: str, action: str) -> str | None:
    """boto3's method, `list_objects_v2` of `listObjectsV2`; None when the service has no such action.

    `service` is botocore's name.
    """
    for name in model(service).operation_names:
        if name[:1].lower() + name[1:] == action:
            return str(xform_name(name))
    return None


@cache
def error_prefix(service: str) -> str:
    """What the names of a service's errors begin with: `SageMakerRuntime`, `DynamoDb`, `Sfn`.

    `service` is botocore's name.
    """
    return "".join(pascal(word) for word in str(model(service).service_id).split())


def exception_name(error: Exception, of_service: str) -> str:
    """The SDK for Java's class of a service's error: by the name in the service's model, `of_service` for an
    error that is not there.

    boto3 has a class for each error of a model, ClientError for all others.
    """
    modelled = type(error).__name__
    if modelled == ClientError.__name__:
        return of_service
    return pascal(modelled.removesuffix("Exception").removesuffix("Fault")) + "Exception"


def not_recognized(name: str) -> bool:
    """Whether there is no `service:action` of this name."""
    service, _, action = name.partition(":")
    found = boto_service(service)
    return found is None or boto_action(found, action) is None
