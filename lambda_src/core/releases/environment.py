"""The environment variables of the function that watches releases: its contract with the stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lambda_src.core.environment import data_bucket_variable, json_variable, required_variable
from lambda_src.core.errors import InvalidConfiguration


class WatchEnvironment(NamedTuple):
    """Whose releases, where each is written down, and who is told; `runbook`: what to do, for people.
    `tags`: what the models and configs of the stage bear."""

    endpoint_name: str
    data_bucket: str
    releases_prefix: str
    topic: str
    runbook: str
    tags: dict[str, str]

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> WatchEnvironment:
        """From ENDPOINT_NAME, DATA_BUCKET, RELEASES_PREFIX, TOPIC_ARN, RUNBOOK and TAGS, a JSON object.

        Raises InvalidConfiguration.
        """
        tags = json_variable(variables, "TAGS")
        if not isinstance(tags, dict) or not tags:  # without them every model of the account would be ours
            raise InvalidConfiguration("environment variable TAGS must be a JSON object of at least one tag")
        return cls(
            endpoint_name=required_variable(variables, "ENDPOINT_NAME"),
            data_bucket=data_bucket_variable(variables),
            releases_prefix=required_variable(variables, "RELEASES_PREFIX"),
            topic=required_variable(variables, "TOPIC_ARN"),
            runbook=required_variable(variables, "RUNBOOK"),
            tags={str(name): str(value) for name, value in tags.items()},
        )
