"""Which states of a definition read which variables."""

from __future__ import annotations

from moto.stepfunctions.parser.asl.static_analyser.variable_references_static_analyser import (
    VariableReferencesStaticAnalyser,
)

from loopback_aws.states.runs.programs import parse


def variable_references(definition: str) -> dict[str, list[str]]:
    """State name -> the variables that it reads, without states that read none; empty for what cannot be
    parsed (docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html)."""
    analyser = VariableReferencesStaticAnalyser()
    try:
        analyser.visit(parse(definition)[1])
    except Exception:  # noqa: BLE001 - what the grammar refuses is described all the same
        return {}
    return {name: list(variables) for name, variables in analyser.get_variable_references().items()}
