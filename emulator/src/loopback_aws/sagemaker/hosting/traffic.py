"""Which fleet a request to an endpoint goes to: while an update is under way, the old or the new one."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from loopback_aws.sagemaker.hosting.deployment import Deployment


class Traffic:
    """The deployment that an endpoint is on, and the one that it moves to, with its share of the requests."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.incoming: Deployment | None = None
        self._share = 0.0
        self._credit = 0.0
        self._lock = threading.Lock()

    def choose(self) -> Deployment:
        """The deployment for the next request, so that the shares are exact over time."""
        with self._lock:
            if self.incoming is None:
                return self.deployment
            self._credit += self._share
            if self._credit < 1 - 1e-9:
                return self.deployment
            self._credit -= 1
            return self.incoming

    def shift(self, incoming: Deployment, share: float, active: Mapping[str, int]) -> None:
        """Give this share of the requests to these many instances of each variant of the new deployment."""
        for name, count in active.items():
            incoming.fleets[name].active = count
        with self._lock:
            self.incoming, self._share, self._credit = incoming, share, 0.0

    def take_back(self) -> None:
        """Give all requests to the old deployment."""
        with self._lock:
            self.incoming = None

    def switch(self) -> Deployment:
        """Stay on the new deployment; the old one is returned."""
        with self._lock:
            assert self.incoming is not None
            old, self.deployment, self.incoming = self.deployment, self.incoming, None
        for fleet in self.deployment.fleets.values():
            fleet.active = None
        return old

    def all(self) -> list[Deployment]:
        """Every deployment that may have requests."""
        with self._lock:
            return [one for one in (self.deployment, self.incoming) if one is not None]
