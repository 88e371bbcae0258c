"""One look at an account each: what a deployment needs, and whether it is there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from operations.aws.accounts import Account
from operations.aws.errors import error_code, explain, sign_in
from operations.readiness.planned import Plan

Verdict = Literal["ok", "warning", "problem", "unknown"]
BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
"""Where `cdk bootstrap` says what it made; the qualifier is the CDK's own."""
UNRESERVED = 100
"""Executions at once that Lambda keeps for functions without a reservation."""
SAGEMAKER_QUOTA = "{} for endpoint usage"
"""The quota's name, in Service Quotas."""


class Finding(NamedTuple):
    """What was looked at, what it is, and what to do where it is not as needed."""

    subject: str
    verdict: Verdict
    text: str


def credentials(account: Account, plan: Plan) -> Iterator[Finding]:
    """Whose credentials these are, and whether the stage may be deployed there."""
    identity = account.client("sts").get_caller_identity()
    theirs = identity["Account"]
    if plan.account in (None, theirs):
        yield Finding("credentials", "ok", f"account {theirs}, {identity['Arn']}")
    else:
        text = f"account {theirs}, but the stage goes to {plan.account} only: {sign_in('sso')} for that one"
        yield Finding("credentials", "problem", text)
    region = account.client("sts").meta.region_name
    if plan.region in (None, region):
        yield Finding("region", "ok", region)
    else:
        text = f"{region}, but the stage goes to {plan.region} only: export AWS_REGION={plan.region}"
        yield Finding("region", "problem", text)


def bootstrap(account: Account, plan: Plan) -> Iterator[Finding]:
    """What `cdk bootstrap` has made, and whether it is new enough."""
    try:
        parameter = account.client("ssm").get_parameter(Name=BOOTSTRAP_VERSION)["Parameter"]
    except ClientError as error:
        if error_code(error) != "ParameterNotFound":
            raise
        yield Finding("bootstrap", "problem", "not done in this account and region: npx cdk bootstrap")
        return
    version = int(parameter["Value"])
    if version >= plan.bootstrap:
        yield Finding("bootstrap", "ok", f"version {version}")
    else:
        text = f"version {version}, {plan.bootstrap} is needed: npx cdk bootstrap, once more"
        yield Finding("bootstrap", "problem", text)


def instances(account: Account, plan: Plan) -> Iterator[Finding]:
    """Instances at an update's peak, when the old and the new fleet run side by side, against the quota."""
    kind, least, most = plan.fleet
    running = _running(account, plan)
    first = running == 0
    peak = most if first else running + max(running, least)
    when = (
        f"{least} at first, {most} under load" if first else f"{peak} while an update runs: the fleet twice"
    )
    name = SAGEMAKER_QUOTA.format(kind)
    quota = _quota(account, name)
    if quota is None:
        yield Finding("instances", "unknown", f"{when}; no quota {name!r} was found in Service Quotas")
    elif peak <= quota:
        yield Finding("instances", "ok", f"{when}; the quota {name!r} is {quota}, for all endpoints together")
    else:
        text = f"{when}, but the quota {name!r} is {quota}: ask for more in Service Quotas, or set fewer"
        yield Finding("instances", "problem", text)


def _running(account: Account, plan: Plan) -> int:
    try:
        endpoint = account.client("sagemaker").describe_endpoint(EndpointName=plan.names.endpoint)
    except ClientError as error:
        if error_code(error) != "ValidationException":
            raise
        return 0
    return sum(variant.get("CurrentInstanceCount", 0) for variant in endpoint.get("ProductionVariants", ()))


def _quota(account: Account, name: str) -> int | None:
    for operation in ("list_service_quotas", "list_aws_default_service_quotas"):
        for quota in account.pages("service-quotas", operation, "Quotas", ServiceCode="sagemaker"):
            if quota["QuotaName"] == name:
                return int(quota["Value"])
    return None


def concurrency(account: Account, plan: Plan) -> Iterator[Finding]:
    """Lambda's executions at once: what the stage's functions reserve must leave enough to all others."""
    reserved = sum(
        int(function.get("ReservedConcurrentExecutions", 0))
        for function in plan.resources("AWS::Lambda::Function")
    )
    limit = account.client("lambda").get_account_settings()["AccountLimit"]
    total, free = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    said = f"{total:,} executions at once here, {free:,} not reserved; the stage reserves {reserved:,}"
    if reserved and total - reserved < UNRESERVED:
        text = f"{said}, and {UNRESERVED} must stay free: reserve fewer, or ask for more in Service Quotas"
        yield Finding("Lambda", "problem", text)
    else:
        yield Finding("Lambda", "ok", said)


def told(account: Account, plan: Plan) -> Iterator[Finding]:
    """Whether anybody hears of failures: an e-mail address must have confirmed, or nobody does."""
    sns, topic = account.client("sns"), plan.names.topic
    asked = [
        each["Endpoint"] for each in plan.resources("AWS::SNS::Subscription") if each["Protocol"] == "email"
    ]
    there: list[dict[str, str]] = []
    for listed in account.pages("sns", "list_topics", "Topics"):
        if listed["TopicArn"].rpartition(":")[2] == topic:
            there = sns.list_subscriptions_by_topic(TopicArn=listed["TopicArn"])["Subscriptions"]
    waiting = sorted(each["Endpoint"] for each in there if not each["SubscriptionArn"].startswith("arn:"))
    confirmed = [each for each in there if each["SubscriptionArn"].startswith("arn:")]
    if waiting:
        text = f"{', '.join(waiting)} did not confirm: the link in the mail of AWS Notifications does it"
        yield Finding("notifications", "warning", text)
    elif confirmed:
        yield Finding("notifications", "ok", f"{len(confirmed)} confirmed on {topic}")
    elif asked:
        text = f"{', '.join(asked)} will get a mail to confirm; nothing is told before"
        yield Finding("notifications", "warning", text)
    else:
        text = "nobody is told of failures: set notification.emails, or subscribe to the topic"
        yield Finding("notifications", "warning", text)


def image(account: Account, plan: Plan) -> Iterator[Finding]:
    """What builds the serving image, where one is built."""
    if list(plan.resources("AWS::CodeBuild::Project")):
        account.client("codebuild").list_projects()
        yield Finding("image", "ok", "built by CodeBuild, which answers")
    elif plan.docker_images:
        yield _docker()
    else:
        yield Finding("image", "ok", "exists already, by its address")


def _docker() -> Finding:
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    way_out = "start it, or set endpoint.image.source to codebuild, which needs none"
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return Finding("image", "problem", f"built by Docker, which is not there: {way_out}")
    if done.returncode:
        return Finding("image", "problem", f"built by Docker, which does not answer: {way_out}")
    return Finding("image", "ok", f"built by Docker {done.stdout.strip()}")


LOOKS: dict[str, Callable[[Account, Plan], Iterator[Finding]]] = {
    "credentials": credentials,
    "bootstrap": bootstrap,
    "instances": instances,
    "Lambda": concurrency,
    "notifications": told,
    "image": image,
}


def look(account: Account, plan: Plan) -> Iterator[Finding]:
    """All of them; what may not be asked is unknown, and hides nothing else."""
    for subject, ask in LOOKS.items():
        try:
            yield from ask(account, plan)
        except (ClientError, BotoCoreError) as error:
            yield Finding(subject, "unknown", explain(error))
            if subject == "credentials":
                return  # nothing else can be asked
