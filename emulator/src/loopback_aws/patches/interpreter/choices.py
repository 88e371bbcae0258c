"""moto's Choice state as AWS has it: comparisons of JSONPath, and what a rule and a Default leave behind."""

from __future__ import annotations

import operator
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison import comparison_variable
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations import (
    is_operator,
    string_operators,
    timestamp_operators,
)
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice

from loopback_aws.states.data.jsonpath import comparisons, data_flow

_CHOICE = "moto.stepfunctions.parser.asl.component.state.choice"
_OPERATORS = f"{_CHOICE}.comparison.operator.implementations"
_COMPARISONS = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
}
"""Of moments, by the ends of moto's names."""
PRIVATE = (
    f"{_CHOICE}.comparison.comparison_variable:ComparisonVariable._eval_body",
    f"{_CHOICE}.state_choice:StateChoice._eval_state",
    f"{_CHOICE}.state_choice:StateChoice._eval_state_output",
    f"{_OPERATORS}.is_operator:IsTimestamp.string_to_timestamp",
    f"{_OPERATORS}.string_operators:StringMatches._compare",
    *(f"{_OPERATORS}.timestamp_operators:Timestamp{name}._compare" for name in _COMPARISONS),
)


def apply() -> None:
    """Replace how rules are compared and chosen, and what is left behind."""
    StateChoice._eval_state = choose
    StateChoice._eval_state_output = leave_choice
    comparison_variable.ComparisonVariable._eval_body = comparisons.push_comparison
    is_operator.IsTimestamp.string_to_timestamp = staticmethod(comparisons.timestamp)
    string_operators.StringMatches._compare = staticmethod(comparisons.matches)
    for name, compare in _COMPARISONS.items():
        getattr(timestamp_operators, f"Timestamp{name}")._compare = staticmethod(_of_moments(compare))


def choose(state: Any, env: Any) -> None:
    """Leave the name of the next state on the stack, and whether a rule has said it."""
    for rule in state.choices_decl.rules:
        rule.eval(env)
        if env.stack.pop() is True:
            env.stack.append((rule.next_stmt.name, True))
            return
    if state.default_state is None:
        cause = "Failed to transition out of the state. The state does not point to a next state."
        raise data_flow.failed(env, StatesErrorNameType.StatesRuntime, cause)
    env.stack.append((state.default_state.state_name, False))


def leave_choice(state: Any, env: Any) -> None:
    """Go on; the state's own Assign and Output are for the Default, even if a rule leads there, too."""
    name, by_rule = env.stack.pop()
    fields = () if by_rule else (state.assign_decl, state.output)
    for field in fields:
        if field:
            field.eval(env=env)
    if state._is_language_query_jsonpath():
        if state.output_path:
            state.output_path.eval(env=env)
        else:
            env.states.reset(input_value=env.stack.pop())
    env.next_state_name = name


def _of_moments(compare: Any) -> Any:
    def compare_moments(one: Any, other: Any) -> bool:
        moments = comparisons.timestamp(one), comparisons.timestamp(other)
        return None not in moments and bool(compare(*moments))

    return compare_moments
