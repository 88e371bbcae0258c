"""Application Auto Scaling for endpoint variants: targets, bounds and policies.

The bounds act: a variant below the minimum is raised to it, one above the maximum lowered, when the target is
registered and after every update of its endpoint. Policies are kept and described, but nothing scales by
load: the load of a laptop says nothing worth following. So no alarms are made either.
"""

from __future__ import annotations

from loopback_aws.autoscaling.cloudformation import handlers
from loopback_aws.autoscaling.service import ApplicationAutoScaling

__all__ = ["ApplicationAutoScaling", "handlers"]
