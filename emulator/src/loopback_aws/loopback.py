"""Keep this process on the loopback address: nothing else is bound, nothing else is called."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any


class OutboundNetworkError(OSError):
    """The emulator tried to reach, or to listen on, something that is not this machine's loopback."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's loopback."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def stay_on_loopback() -> None:
    """From now on refuse every connection, listener and name look-up beyond loopback; cannot be undone.

    Lambda functions and model servers are other processes and are not held.
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    match event:
        case "socket.connect" | "socket.bind" | "socket.sendto":
            network, address = arguments[0], arguments[1]
            if network.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(str(address[0])):
                raise OutboundNetworkError(f"The local AWS does not leave this machine: {event} to {address}")
        case "socket.getaddrinfo" | "socket.gethostbyname":
            host = arguments[0]
            if isinstance(host, bytes):
                host = host.decode("ascii", "replace")
            if host and not is_loopback(host):
                raise OutboundNetworkError(f"The local AWS does not leave this machine: look-up of {host}")
