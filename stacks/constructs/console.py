"""AWS's console, wherever a stack is deployed."""

from __future__ import annotations

from aws_cdk import Aws, CfnMapping, Stack
from constructs import Construct

from contracts.consoles import CONSOLES

_ID, _HOST = "Consoles", "Host"


def console_host(scope: Construct) -> str:
    """The console's host name behind that of a region, which the partition decides at deployment."""
    stack = Stack.of(scope)
    mapping = stack.node.try_find_child(_ID)
    if mapping is None:
        hosts = {partition: {_HOST: host} for partition, host in CONSOLES.items()}
        mapping = CfnMapping(stack, _ID, mapping=hosts)
    assert isinstance(mapping, CfnMapping)
    return mapping.find_in_map(Aws.PARTITION, _HOST)


def console_url(scope: Construct) -> str:
    """The console of the stack's region: `https://eu-west-1.console.aws.amazon.com`."""
    return f"https://{Stack.of(scope).region}.{console_host(scope)}"
