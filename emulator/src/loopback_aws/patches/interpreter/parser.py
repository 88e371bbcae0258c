"""moto's parser: a definition is parsed once, in scopes of its own, with the fields unknown to moto."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from loopback_aws.states.runs import programs

PRIVATE = (
    "moto.stepfunctions.parser.asl.parse.asl_parser:AmazonStateLanguageParser.parse",
    "moto.stepfunctions.parser.asl.parse.asl_parser:SyntaxErrorListener",
    "moto.stepfunctions.parser.asl.antlr.runtime.ASLParser:ASLParser.state_machine",
    "moto.stepfunctions.parser.asl.parse.preprocessor:Preprocessor.__init__",
    "moto.stepfunctions.parser.asl.parse.preprocessor:Preprocessor._query_language_per_scope",
)


def apply() -> None:
    """Give each parse its own stack of scopes: as a class attribute one rejected definition spoils all later
    ones, and two threads spoil each other."""
    initialise = Preprocessor.__init__

    def with_own_scopes(self: Any, *args: Any, **keywords: Any) -> None:
        initialise(self, *args, **keywords)
        self._query_language_per_scope = []

    Preprocessor.__init__ = with_own_scopes
    AmazonStateLanguageParser.parse = staticmethod(programs.parse)
