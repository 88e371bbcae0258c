"""The state machines as Mermaid diagrams, from the definitions that synthesis makes.

`python -m stacks.workflow.diagram` prints them; `--write FILE` puts each between its markers in a document.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3

from stacks.artifact import ModelArtifact
from stacks.settings import parse_settings
from stacks.workflow import WorkflowStack
from stacks.workflow.definition import definitions
from stacks.workflow.function_step import LAMBDA_ERRORS, PROCESS_ERRORS, TIMEOUT_ERRORS

MACHINES = ("ClassifyImage", "ClassifyBatch")
# Set, or CDK leaves out where the map's results go.
FLAGS = {"@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2": True}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stacks.workflow.diagram", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="replace the diagrams in FILE")
    arguments = parser.parse_args()
    for name, definition in machines().items():
        if arguments.write is None:
            print(f"%% {name}\n{mermaid(definition)}")
        else:
            write(arguments.write, name, mermaid(definition))


def machines() -> dict[str, dict[str, Any]]:
    """Definitions by name, synthesized with default settings; no artifact is needed for it."""
    with tempfile.TemporaryDirectory() as folder:
        app = App(outdir=folder, context=FLAGS, analytics_reporting=False)
        settings = parse_settings("dev", {})
        artifact = ModelArtifact(path=Path("none"), sha256="0" * 64, classes=("a", "b"), threshold=0.9)
        bucket = s3.Bucket.from_bucket_name(Stack(app, "elsewhere"), "Data", "data")
        WorkflowStack(
            app,
            "workflow",
            settings=settings,
            artifact=artifact,
            data_bucket=bucket,
            encryption_key=None,
        )
        found = definitions(app.synth().get_stack_by_name("workflow").template)
    names = (settings.names.image_machine, settings.names.batch_machine)
    return {title: found[name] for title, name in zip(MACHINES, names, strict=True)}


def mermaid(definition: Mapping[str, Any]) -> str:
    """A state diagram: solid steps in their order, failures by their label, retries as loops."""
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in _graph(definition))])


def _graph(definition: Mapping[str, Any]) -> Iterator[str]:
    """The states of a machine, or of what a map runs for each item, and what leads from one to the other."""
    for name, state in definition["States"].items():
        yield f'state "{name}" as {_id(name)}'
        if processor := state.get("ItemProcessor"):
            yield f"state {_id(name)} {{"
            yield from (f"    {line}" for line in _graph(processor))
            yield "}"
    yield f"[*] --> {_id(definition['StartAt'])}"
    for name, state in definition["States"].items():
        yield from _edges(_id(name), state)


def _edges(name: str, state: Mapping[str, Any]) -> Iterator[str]:
    if state.get("Next"):
        yield f"{name} --> {_id(state['Next'])}"
    if state.get("End"):
        yield f"{name} --> [*] : result"
    if state["Type"] == "Fail":
        yield f"{name} --> [*] : failed"
    for choice in state.get("Choices", []):
        yield f"{name} --> {_id(choice['Next'])} : {_condition(choice['Condition'])}"
    if state.get("Default"):
        yield f"{name} --> {_id(state['Default'])} : otherwise"
    for retry in state.get("Retry", []):
        yield f"{name} --> {name} : retry {_errors(retry['ErrorEquals'])}"
    for catch in state.get("Catch", []):
        yield f"{name} --> {_id(catch['Next'])} : {_errors(catch['ErrorEquals'])}"


def _condition(expression: str) -> str:
    return expression.removeprefix("{%").removesuffix("%}").strip().replace("$states.input.", "")


def _errors(names: list[str]) -> str:
    """The names, with one for each kind that has several."""
    kinds = {
        tuple(LAMBDA_ERRORS): "Lambda service errors",
        tuple(PROCESS_ERRORS): "a process that ended",
        tuple(TIMEOUT_ERRORS): "a time-out",
        ("States.ALL",): "any error",
    }
    return kinds.get(tuple(names)) or ", ".join(names)


def _id(name: str) -> str:
    return "".join(word.capitalize() for word in re.findall(r"\w+", name))


def markers(name: str) -> tuple[str, str]:
    """What stands before and after the diagram of a machine in a document."""
    return f"<!-- state-diagram:begin {name} -->", "<!-- state-diagram:end -->"


def embedded(text: str, name: str) -> str:
    """The diagram of a machine in a document; raises ValueError without its markers."""
    begin, end = markers(name)
    match = re.search(f"{re.escape(begin)}\n```mermaid\n(.*?)\n```\n{re.escape(end)}", text, re.DOTALL)
    if match is None:
        raise ValueError(f"no state diagram between {begin} and {end}")
    return match[1]


def write(path: Path, name: str, diagram: str) -> None:
    """Replace the diagram between the machine's markers in the file, whole or not at all."""
    begin, end = markers(name)
    before, found, rest = path.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{path} has no markers {begin} and {end}")
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(f"{before}{begin}\n```mermaid\n{diagram}\n```\n{end}{after}", encoding="utf-8")
    draft.replace(path)


if __name__ == "__main__":
    main()
