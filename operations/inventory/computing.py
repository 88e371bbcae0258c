"""What computes: functions, their layer's versions, state machines, image builds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from operations.aws.accounts import Account
from operations.inventory.found import Found
from operations.inventory.ownership import Ownership, tag_map


def functions(account: Account, whose: Ownership) -> Iterator[Found]:
    """Lambda functions; they cost nothing while nobody calls them."""
    client = account.client("lambda")
    for listed in account.pages("lambda", "list_functions", "Functions"):
        name, arn = listed["FunctionName"], listed["FunctionArn"]
        if name.startswith(whose.names.prefix) and whose.owns(
            name, client.list_tags(Resource=arn).get("Tags", {})
        ):
            delete = partial(client.delete_function, FunctionName=name)
            yield Found(kind="function", name=name, ids=frozenset({name, arn}), delete=delete)


def layers(account: Account, whose: Ownership) -> Iterator[Found]:
    """Versions of the monitor's layer."""
    client = account.client("lambda")
    layer = whose.names.monitor_packages
    for version in account.pages("lambda", "list_layer_versions", "LayerVersions", LayerName=layer):
        number = version["Version"]
        yield Found(
            kind="layer version",
            name=f"{layer}:{number}",
            ids=frozenset({version["LayerVersionArn"]}),
            delete=partial(client.delete_layer_version, LayerName=layer, VersionNumber=number),
        )


def machines(account: Account, whose: Ownership) -> Iterator[Found]:
    """State machines."""
    client = account.client("stepfunctions")
    for listed in account.pages("stepfunctions", "list_state_machines", "stateMachines"):
        name, arn = listed["name"], listed["stateMachineArn"]
        if name.startswith(whose.names.prefix) and whose.owns(
            name, tag_map(client.list_tags_for_resource(resourceArn=arn).get("tags"))
        ):
            delete = partial(client.delete_state_machine, stateMachineArn=arn)
            yield Found(kind="state machine", name=name, ids=frozenset({arn}), delete=delete)


def builds(account: Account, whose: Ownership) -> Iterator[Found]:
    """The CodeBuild project of the serving image."""
    client = account.client("codebuild")
    for name in account.pages("codebuild", "list_projects", "projects"):
        if whose.by_name(name):
            delete = partial(client.delete_project, name=name)
            yield Found(kind="build project", name=name, ids=frozenset({name}), delete=delete)
