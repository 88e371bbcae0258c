"""An account and a region: clients by service, and lists of any length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3


class Account:
    """Where the credentials and AWS_ENDPOINT_URL lead to."""

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The client of a service, made once."""
        if service not in self._clients:
            self._clients[service] = boto3.client(service)  # type: ignore[call-overload]
        return self._clients[service]

    def pages(self, service: str, operation: str, member: str, **request: Any) -> Iterator[Any]:
        """What an operation lists, page by page."""
        client = self.client(service)
        if not client.can_paginate(operation):
            yield from getattr(client, operation)(**request).get(member, ())
            return
        for page in client.get_paginator(operation).paginate(**request):
            yield from page.get(member, ())
