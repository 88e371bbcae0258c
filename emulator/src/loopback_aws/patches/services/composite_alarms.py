"""CloudWatch: what `loopback_aws.cloudwatch.composites` relies on, the resource type of composite alarms.

Nothing is changed here: the type is added with those of SageMaker.
"""

from __future__ import annotations

PRIVATE = (
    "ministack.services.cloudformation.provisioners:_physical_name",
    "ministack.services.cloudwatch:_composite_alarms",
    "ministack.services.cloudwatch:_delete_alarms",
    "ministack.services.cloudwatch:_put_composite_alarm",
    "ministack.services.cloudwatch:_resource_tags",
)
