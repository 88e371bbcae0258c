"""moto's data flow in JSONPath: paths, functions, results and variables as AWS has them."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.assign.assign_template_binding import (
    AssignTemplateBindingStringExpressionSimple,
)
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.path.items_path import ItemsPath
from moto.stepfunctions.parser.asl.component.common.path.result_path import ResultPath
from moto.stepfunctions.parser.asl.component.common.payload.payloadvalue.payloadbinding import (
    payload_binding,
)
from moto.stepfunctions.parser.asl.component.common.string import string_expression
from moto.stepfunctions.parser.asl.component.intrinsic.functionname.state_function_name_types import (
    StatesFunctionNameType,
)
from moto.stepfunctions.parser.asl.component.state import state as states
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.eval import states as values
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore
from moto.stepfunctions.parser.asl.parse import preprocessor
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from loopback_aws.states.data.jsonpath import data_flow, intrinsics
from loopback_aws.states.data.jsonpath.paths import copied, extract

_ASL = "moto.stepfunctions.parser.asl"
_OPERATORS = f"{_ASL}.component.state.choice.comparison.operator.implementations"
READERS = (
    f"{_ASL}.component.common.string.string_expression",
    f"{_ASL}.component.intrinsic.argument.argument",
    f"{_ASL}.eval.states",
    f"{_OPERATORS}.boolean_equals",
    f"{_OPERATORS}.numeric",
    f"{_OPERATORS}.string_operators",
    f"{_OPERATORS}.timestamp_operators",
)
"""Modules of moto that read by a path."""
PRIVATE = (
    *(f"{module}:extract_json" for module in READERS),
    f"{_ASL}.component.common.assign.assign_decl:AssignDecl._eval_body",
    f"{_ASL}.component.common.error_name.custom_error_name:CustomErrorName.__init__",
    f"{_ASL}.component.common.error_name.failure_event:FailureEvent.__init__",
    f"{_ASL}.component.common.path.result_path:ResultPath._eval_body",
    f"{_ASL}.component.common.string.string_expression:StringContextPath._eval_body",
    f"{_ASL}.component.common.string.string_expression:StringIntrinsicFunction._eval_body",
    f"{_ASL}.component.common.string.string_expression:StringVariableSample._eval_body",
    f"{_ASL}.component.common.string.string_expression:copy",
    f"{_ASL}.component.state.state:CommonStateField._eval_state_input",
    f"{_ASL}.component.state.state:CommonStateField._eval_body",
    f"{_ASL}.component.state.state:CommonStateField._get_state_exited_event_details",
    f"{_ASL}.component.state.state:to_json_str",
    f"{_ASL}.component.state.exec.execute_state:ExecutionState._evaluate_with_timeout",
    f"{_ASL}.eval.states:copy",
    f"{_ASL}.eval.states:States.reset",
    f"{_ASL}.eval.variable_store:VariableStore.get_assigned_variables",
    f"{_ASL}.eval.variable_store:VariableStore._declaration_tracing",
    f"{_ASL}.eval.variable_store:VariableStore._inner_scope",
    f"{_ASL}.eval.variable_store:VariableStore._variable_declarations_cache",
    f"{_ASL}.eval.variable_store:VariableStore.reset_tracing",
    f"{_ASL}.parse.preprocessor:Preprocessor.visitString_intrinsic_function",
    f"{_ASL}.parse.preprocessor:Preprocessor._inner_string_of",
    f"{_ASL}.parse.preprocessor:from_string_literal",
)


def apply() -> None:
    """Hang the code of `loopback_aws.states` into moto's components."""
    _read()
    _parse()
    _fail()
    _assign()


def _read() -> None:
    for module in READERS:
        importlib.import_module(module).extract_json = extract  # type: ignore[attr-defined]
    string_expression.copy = values.copy = SimpleNamespace(deepcopy=copied)
    values.States.reset = data_flow.reset
    string_expression.StringContextPath._eval_body = data_flow.push_context
    string_expression.StringVariableSample._eval_body = data_flow.push_variable
    string_expression.StringIntrinsicFunction._eval_body = data_flow.push_function
    ResultPath._eval_body = data_flow.place_result
    take_input = states.CommonStateField._eval_state_input

    def take_input_entered(state: Any, env: Any) -> None:
        data_flow.enter(env)
        take_input(state, env)

    states.CommonStateField._eval_state_input = take_input_entered


def _parse() -> None:
    literal = preprocessor.from_string_literal

    def from_string_literal(parser_rule_context: Any) -> Any:
        """moto reads escapes as Python does, which makes two halves of a character beyond 16 bits."""
        try:
            return json.loads(parser_rule_context.getText())
        except ValueError:
            return literal(parser_rule_context)

    def intrinsic_function(_: Any, ctx: Any) -> Any:
        source = json.loads(ctx.STRINGINTRINSICFUNC().getText())
        name = StatesFunctionNameType[intrinsics.parse(source).name].name()
        return string_expression.StringIntrinsicFunction(
            source, SimpleNamespace(name=SimpleNamespace(name=name))
        )

    def inner_string(parser_rule_context: Any) -> Any:
        text = parser_rule_context.getText()
        return json.loads(text) if text.startswith('"') else inner(parser_rule_context)

    inner = preprocessor.Preprocessor._inner_string_of
    preprocessor.Preprocessor._inner_string_of = staticmethod(inner_string)
    preprocessor.from_string_literal = from_string_literal
    preprocessor.Preprocessor.visitString_intrinsic_function = intrinsic_function


def _fail() -> None:
    """Errors of data flow name the field and the event of the state, and end the execution as they should."""
    initialise = FailureEvent.__init__
    evaluate = ExecutionState._evaluate_with_timeout
    evaluate_state = states.CommonStateField._eval_body

    def failure(event: Any, env: Any, *more: Any, **named: Any) -> None:
        initialise(event, env, *more, **named)
        event.source_event_id = data_flow.entered_event(env) or event.source_event_id

    def execute(state: Any, env: Any) -> None:
        try:
            evaluate(state, env)
        except NoSuchJsonPathError as error:
            raise data_flow.FatalError(data_flow.not_found(error, env.next_field_name)) from None
        except FailureEventException as failed:
            cause = _fatal_cause(failed)
            if cause is None:
                raise
            raise data_flow.FatalError(cause) from None

    def in_state(state: Any, env: Any) -> None:
        try:
            evaluate_state(state, env)
        except data_flow.FatalError as fatal:
            raise data_flow.failed(env, StatesErrorNameType.StatesRuntime, str(fatal)) from None
        except NoSuchJsonPathError as error:
            cause = data_flow.not_found(error, env.next_field_name)
            raise data_flow.failed(env, StatesErrorNameType.StatesRuntime, cause) from None

    to_text = states.to_json_str

    def compact(value: Any, separators: tuple[str, str] = (",", ":")) -> Any:
        return to_text(value, separators=separators)

    states.to_json_str = compact
    FailureEvent.__init__ = failure
    CustomErrorName.__init__ = _any_name
    ExecutionState._evaluate_with_timeout = execute
    states.CommonStateField._eval_body = in_state
    payload = payload_binding.PayloadBindingStringExpressionSimple
    _name_field(payload, lambda component: f"{component.field}.$")
    _name_field(AssignTemplateBindingStringExpressionSimple, lambda component: f"{component.identifier}.$")
    _name_field(ItemsPath, lambda _: "ItemsPath")


def _fatal_cause(failed: Any) -> str | None:
    details = (failed.failure_event.event_details or {}).get("taskFailedEventDetails")
    if details and details.get("error") == "States.Runtime" and failed.failure_event.error_name:
        return str(details.get("cause"))
    return None


def _any_name(name: Any, error_name: str | None) -> None:
    """A branch fails by the name of what failed in it, `States.…` included."""
    super(CustomErrorName, name).__init__(error_name=error_name)


def _name_field(binding: Any, name: Callable[[Any], str]) -> None:
    evaluate = binding._eval_body

    def with_field(component: Any, env: Any) -> None:
        try:
            evaluate(component, env)
        except NoSuchJsonPathError as error:
            if not hasattr(error, "field"):
                error.field = env.next_field_name = name(component)
            raise

    binding._eval_body = with_field


def _assign() -> None:
    """What a state assigns is there when it exits: its own output is made of what was there before."""
    assign = AssignDecl._eval_body
    exited = states.CommonStateField._get_state_exited_event_details

    def keep_for_exit(component: Any, env: Any) -> None:
        store = env.variable_store
        before = dict(store._inner_scope)
        assign(component, env)
        data_flow.check_variables(env, before)
        env.assigned = {name: store.get(name) for name in store._declaration_tracing}
        store._inner_scope.clear()
        store._inner_scope.update(before)
        store.reset_tracing()
        store._variable_declarations_cache = None

    def exit_with_variables(state: Any, env: Any) -> Any:
        for name, value in env.__dict__.pop("assigned", {}).items():
            env.variable_store.set(variable_identifier=name, variable_value=value)
        return exited(state, env)

    def assigned(store: Any) -> dict[str, str]:
        return {
            name: json.dumps(store.get(name), separators=(",", ":"), ensure_ascii=False)
            for name in sorted(store._declaration_tracing)
        }

    AssignDecl._eval_body = keep_for_exit
    states.CommonStateField._get_state_exited_event_details = exit_with_variables
    VariableStore.get_assigned_variables = assigned
