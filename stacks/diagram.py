"""The state machine as a Mermaid diagram, from the definition that synthesis makes.

`python -m stacks.diagram` prints it; `--write docs/architecture.md` puts it between the file's markers.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3

from stacks.artifact import ModelArtifact
from stacks.definition import definitions
from stacks.stages import parse_settings
from stacks.workflow import WorkflowStack

BEGIN = "<!-- state-diagram:begin ClassifyImage -->"
END = "<!-- state-diagram:end -->"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stacks.diagram", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="replace the diagram in FILE")
    arguments = parser.parse_args()
    diagram = mermaid(classify_image())
    if arguments.write is None:
        print(diagram)
    else:
        write(arguments.write, diagram)


def classify_image() -> dict[str, Any]:
    """The definition of ClassifyImage, synthesized with default settings; no artifact is needed for it."""
    with tempfile.TemporaryDirectory() as folder:
        app = App(outdir=folder, analytics_reporting=False)
        settings = parse_settings("dev", {})
        artifact = ModelArtifact(path=Path("none"), sha256="0" * 64, classes=("a", "b"), threshold=0.9)
        bucket = s3.Bucket.from_bucket_name(Stack(app, "elsewhere"), "Data", "data")
        WorkflowStack(
            app,
            "workflow",
            settings=settings,
            artifact=artifact,
            data_bucket=bucket,
            endpoint_name=settings.endpoint_name,
            encryption_key=None,
        )
        template = app.synth().get_stack_by_name("workflow").template
    return definitions(template)[settings.named("classify-image")]


def mermaid(definition: dict[str, Any]) -> str:
    """A state diagram: solid steps in their order, failures by their label, retries as loops."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{name}" as {_id(name)}' for name in definition["States"]]
    lines += [f"    [*] --> {_id(definition['StartAt'])}"]
    for name, state in definition["States"].items():
        lines += [f"    {edge}" for edge in _edges(_id(name), state)]
    return "\n".join(lines)


def _edges(name: str, state: dict[str, Any]) -> Iterator[str]:
    if state.get("Next"):
        yield f"{name} --> {_id(state['Next'])}"
    if state.get("End"):
        yield f"{name} --> [*] : result"
    if state["Type"] == "Fail":
        yield f"{name} --> [*] : failed"
    for retry in state.get("Retry", []):
        yield f"{name} --> {name} : retry {_errors(retry['ErrorEquals'])}"
    for catch in state.get("Catch", []):
        yield f"{name} --> {_id(catch['Next'])} : {_errors(catch['ErrorEquals'])}"


def _errors(names: list[str]) -> str:
    """The names, with one for all errors of the Lambda service."""
    kept = [name for name in names if not name.startswith("Lambda.")]
    return ", ".join([*kept, *(["Lambda service errors"] if len(kept) < len(names) else [])]).replace(
        "States.ALL", "any error"
    )


def _id(name: str) -> str:
    return "".join(word.capitalize() for word in name.split())


def embedded(text: str) -> str:
    """The diagram between the markers of a document; raises ValueError without markers."""
    match = re.search(f"{re.escape(BEGIN)}\n```mermaid\n(.*?)\n```\n{re.escape(END)}", text, re.DOTALL)
    if match is None:
        raise ValueError(f"no state diagram between {BEGIN} and {END}")
    return match[1]


def write(path: Path, diagram: str) -> None:
    """Replace the diagram between the markers of the file, whole or not at all."""
    text = path.read_text(encoding="utf-8")
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise SystemExit(f"{path} has no markers {BEGIN} and {END}")
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(f"{before}{BEGIN}\n```mermaid\n{diagram}\n```\n{END}{after}", encoding="utf-8")
    draft.replace(path)


if __name__ == "__main__":
    main()
