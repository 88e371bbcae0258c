"""JSONata in moto: an evaluator with bound variables in place of a stub that pastes them into the text."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField

from loopback_aws.states.data.jsonata.fields import EvaluationFailure, catch, push_value, record
from loopback_aws.states.data.jsonata.locations import locate

_COMPONENT = "moto.stepfunctions.parser.asl.component"
_FAILURE = f"{_COMPONENT}.common.error_name.failure_event:FailureEventException"
PRIVATE = (
    f"{_COMPONENT}.common.string.string_expression:StringJSONata._eval_body",
    f"{_COMPONENT}.state.state:CommonStateField._eval_body",
    f"{_COMPONENT}.state.exec.execute_state:ExecutionState._eval_state_output",
    f"{_COMPONENT}.state.exec.execute_state:ExecutionState._handle_catch",
    f"{_COMPONENT}.state.exec.execute_state:ExecutionState._construct_error_output_value",
    f"{_FAILURE}.get_evaluation_failed_event_details",
    f"{_FAILURE}.get_execution_failed_event_details",
    "moto.stepfunctions.parser.asl.eval.variable_store:VariableStore.set",
    "jsonata:Jsonata.CURRENT",
    "jsonata:Jsonata.get_per_thread_instance",
    "jsonata:Jsonata.static_frame",
)


def apply() -> None:
    """Replace the evaluation of expressions, and have each failure recorded once."""
    StringJSONata._eval_body = push_value
    evaluate_state = CommonStateField._eval_body
    of_evaluation = FailureEventException.get_evaluation_failed_event_details
    of_execution = FailureEventException.get_execution_failed_event_details

    def located_state(state: Any, env: Any) -> None:
        locate(state)
        try:
            evaluate_state(state, env)
        except EvaluationFailure as failed:
            record(env, failed)
            raise FailureEventException(failed.failure_event) from None

    def evaluation_details(failed: Any) -> Any:
        details = failed.failure_event.event_details.get("evaluationFailedEventDetails", {})
        return details if "state" in details else of_evaluation(failed)

    def execution_details(failed: Any) -> Any:
        details = (failed.failure_event.event_details or {}).get("evaluationFailedEventDetails", {})
        if "state" not in details:
            return of_execution(failed)
        return {"error": details["error"], "cause": details["cause"]}

    evaluate_output = ExecutionState._eval_state_output

    def catchable_output(state: Any, env: Any) -> None:
        try:
            evaluate_output(state, env)
        except EvaluationFailure as failed:
            if not state.catch:
                raise
            catch(state, env, failed)

    CommonStateField._eval_body = located_state
    ExecutionState._eval_state_output = catchable_output
    FailureEventException.get_evaluation_failed_event_details = evaluation_details
    FailureEventException.get_execution_failed_event_details = execution_details
