"""Which operation a request asks for, and whether it changes what must outlive a kill."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CREDENTIAL_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
_INVOCATION = re.compile(
    r"/\d{4}-\d\d-\d\d/functions/[^/]+/(response-streaming-)?invocations|/.*/invoke-async/?"
)
_READING = re.compile(
    "(BatchGet|Check|Describe|Detect|Estimate|Filter|Get|Head|List|Lookup|Poll|Preview|Query|Scan|Search"
    "|Simulate|Test|Validate)[A-Z]"
)
_OF_MESSAGES = re.compile(
    r"(Change|Delete|Receive|Send)Message\w*|Publish\w*|SendTask\w*"
    r"|Put(Events|LogEvents|MetricData)|CreateLogStream|Put(Item|Records?)|(Update|Delete)Item"
    r"|(BatchWrite|TransactWrite)\w*|\w*Execute(Statement|Transaction)|Start\w*Execution|Invoke\w*"
    r"|GenerateDataKey\w*|Encrypt|Decrypt|Sign|Verify|AssumeRole\w*"
)


@dataclass(frozen=True)
class Operation:
    """What is asked of a service; `name` is empty for services that are told by paths."""

    service: str
    """As the signature names it; empty without one."""
    name: str
    method: str
    path: str
    query: str

    @property
    def reads(self) -> bool:
        """Whether nothing changes."""
        if self.service == "s3" or not self.name:
            return self.method in ("GET", "HEAD", "OPTIONS")
        return bool(_READING.match(self.name))

    @property
    def is_of_messages(self) -> bool:
        """Whether it is about one of many: messages, events, items, values of metrics, calls."""
        return bool(_OF_MESSAGES.fullmatch(self.name) or _INVOCATION.fullmatch(self.path))

    @property
    def is_of_objects(self) -> bool:
        """Whether it is about objects of S3, and not about buckets or the locks on objects."""
        if self.service != "s3":
            return False
        within = "/" in self.path.strip("/") or self.method == "POST"
        return within and not re.search(r"\b(retention|legal-hold)\b", self.query)


def operation_of(
    headers: Mapping[str, str], method: str, path: str, query: bytes, beginning: bytes
) -> Operation:
    """The operation of a request; `beginning` is the first part of its body, header names are lower case."""
    scope = _CREDENTIAL_SCOPE.search(headers.get("authorization", ""))
    service = scope.group(1) if scope else ""
    name = headers.get("x-amz-target", "").rpartition(".")[2]
    if not name and service != "s3" and (action := _ACTION.search(beginning) or _ACTION.search(query)):
        name = action.group(1).decode()
    return Operation(service, name, method, path, query.decode("latin1"))
