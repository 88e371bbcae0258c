"""Definitions as the interpreter runs them, parsed once: a parse costs more than a small execution."""

from __future__ import annotations

import json
import threading
from functools import lru_cache
from typing import Any

from antlr4 import CommonTokenStream, InputStream
from moto.stepfunctions.parser.asl.antlr.runtime.ASLLexer import ASLLexer
from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser
from moto.stepfunctions.parser.asl.component.common.flow.start_at import StartAt
from moto.stepfunctions.parser.asl.component.program import program as programs
from moto.stepfunctions.parser.asl.parse.asl_parser import ASLParserException, SyntaxErrorListener
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from loopback_aws.states.runs.distributed_fields import attach, separate

Program = Any
"""moto's tree of evaluation components; it keeps nothing of an execution, so many may share it."""
_parsing = threading.Lock()


def parse(definition: str) -> tuple[Program, Any]:
    """The program of a definition and its syntax tree.

    Raises ValueError or moto's ASLParserException when it is no definition that moto's grammar knows.
    """
    with _parsing:  # the 40 first children of a map run all ask for the same one
        return _parsed(definition)


@lru_cache(maxsize=256)
def _parsed(definition: str) -> tuple[Program, Any]:
    for_grammar, of_map_states = separate(json.loads(definition))
    program, tree = _parse(json.dumps(for_grammar) if of_map_states else definition)
    attach(program, of_map_states)
    return program, tree


def _parse(text: str) -> tuple[Program, Any]:
    listener = SyntaxErrorListener()
    parser = ASLParser(CommonTokenStream(ASLLexer(InputStream(text))))
    parser.removeErrorListeners()
    parser.addErrorListener(listener)
    tree = parser.state_machine()
    if listener.errors:
        raise ASLParserException(errors=listener.errors)
    return Preprocessor().visit(tree), tree


def starting_at(program: Program, state: str) -> Program:
    """The program with another first state; the given one is shared and stays as it is."""
    return programs.Program(
        query_language=program.query_language,
        start_at=StartAt(start_at_name=state),
        states=program.states,
        timeout_seconds=program.timeout_seconds,
        comment=program.comment,
        version=program.version,
    )
