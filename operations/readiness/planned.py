"""What a deployment would make, from the templates that `cdk synth` wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from contracts.names import StackPart, StageNames
from operations.aws.errors import OperationError

_ENVIRONMENT = re.compile(r"aws://(?P<account>[^/]+)/(?P<region>[^/]+)")
UNKNOWN = ("unknown-account", "unknown-region")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`account` and `region`: where it is to go; None takes those of the credentials. `bootstrap`: the least
    version of what `cdk bootstrap` made. `templates`: by the stack's name."""

    names: StageNames
    account: str | None
    region: str | None
    bootstrap: int
    templates: dict[str, dict[str, Any]]
    docker_images: int

    def resources(self, kind: str) -> Iterator[dict[str, Any]]:
        """The properties of all resources of this type."""
        for template in self.templates.values():
            for resource in template.get("Resources", {}).values():
                if resource["Type"] == kind:
                    yield resource.get("Properties", {})

    @property
    def fleet(self) -> tuple[str, int, int]:
        """Instance type of the endpoint, its least and its greatest number of instances."""
        (config,) = self.resources("AWS::SageMaker::EndpointConfig")
        (variant,) = config["ProductionVariants"]
        least = int(variant["InitialInstanceCount"])
        targets = [int(target["MaxCapacity"]) for target in self.resources(_TARGET)]
        return variant["InstanceType"], least, max([least, *targets])


_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"


def read_plan(folder: Path, names: StageNames) -> Plan:
    """The stage's stacks in a folder of `cdk synth`; raises OperationError where they are not there."""
    manifest = folder / "manifest.json"
    again = f"Synthesize it: make synth STAGE={names.stage}"
    if not manifest.is_file():
        raise OperationError(f"There are no synthesized templates in {folder}. {again}")
    artifacts = json.loads(manifest.read_text(encoding="utf-8"))["artifacts"]
    stacks = {}
    for part in get_args(StackPart):
        artifact = artifacts.get(names.stack(part))
        if artifact is None or artifact["type"] != "aws:cloudformation:stack":
            raise OperationError(
                f"{folder} has no stack {names.stack(part)}: another stage is there. {again}"
            )
        stacks[names.stack(part)] = artifact
    where = _ENVIRONMENT.fullmatch(next(iter(stacks.values()))["environment"])
    properties = [artifact["properties"] for artifact in stacks.values()]
    return Plan(
        names=names,
        account=_known(where, "account"),
        region=_known(where, "region"),
        bootstrap=max(int(each.get("requiresBootstrapStackVersion", 0)) for each in properties),
        templates={
            name: json.loads((folder / artifact["properties"]["templateFile"]).read_text(encoding="utf-8"))
            for name, artifact in stacks.items()
        },
        docker_images=sum(len(_images(folder, name)) for name in stacks),
    )


def _known(where: re.Match[str] | None, part: str) -> str | None:
    value = where[part] if where else UNKNOWN[0]
    return None if value in UNKNOWN else value


def _images(folder: Path, stack: str) -> dict[str, Any]:
    assets = folder / f"{stack}.assets.json"
    if not assets.is_file():
        return {}
    found: dict[str, Any] = json.loads(assets.read_text(encoding="utf-8")).get("dockerImages", {})
    return found
