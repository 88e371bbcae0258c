"""What a person reads when an execution failed, as JSONata that Step Functions evaluates.

The state's input is what a Catch hands over: `Error`, `Cause` and `State`. The execution's own input may be
anything, so nothing of it is taken for granted: JSONata has no null, a missing field makes an expression
fail as a whole.
"""

from __future__ import annotations

import json

from stacks.workflow.expression import CONSOLE, expression, subject_line

MAX_REASON = 2_000
MAX_COMMAND_INPUT = 4_000
MAX_KEY = 1_024
MAX_BUCKET = 63

# The input of the execution, its image as the operator named it, and whether it carries the bytes.
_EXECUTION = f"""
  $execution := $states.context.Execution;
  $given := $type($execution.Input) = "object" ? $execution.Input : {{}};
  $inline := $type($given.image_data) = "string" and $given.image_data != "";
  $text := function($value, $most) {{
    $type($value) = "string" and $value != "" ? $substring($value, 0, $most)
  }};
  $event := [$given.detail, $given.Records[0].s3][0];
  $key := $text($exists($given.s3_key) ? $given.s3_key : $event.object.key, {MAX_KEY});
  $bucket := $text($exists($given.s3_bucket) ? $given.s3_bucket : $event.bucket.name, {MAX_BUCKET});
  $image := $exists($key) ? $key : ($inline ? "an inline image" : "no image");
"""

# A function's failure arrives as JSON; its message is found by pattern, for a cause can be cut short.
_REASON = f"""
  $cause := $exists($states.input.Cause) and $type($states.input.Cause) = "string" ? $states.input.Cause : "";
  $found := $match($cause, /"errorMessage" *: *"([^\\\\"]*(\\\\.[^\\\\"]*)*)"/, 1);
  $message := $exists($found) ? $parse("\\"" & $found[0].groups[0] & "\\"") : $cause;
  $reason := $message = "" ? "no cause was given" : $substring($message, 0, {MAX_REASON});
"""

# Single quotes survive a shell; an inline image, like any odd input, is fetched and not printed.
_RUN_AGAIN = f"""
  $json := $string($execution.Input);
  $machine := $states.context.StateMachine.Id;
  $start := "aws stepfunctions start-execution --state-machine-arn " & $machine & " --input ";
  $fetch := "aws stepfunctions describe-execution --execution-arn " & $execution.Id
    & " --query input --output text > input.json";
  $again := $inline or $length($json) > {MAX_COMMAND_INPUT} or $type($execution.Input) != "object"
    ? $fetch & "\\n" & $start & "file://input.json"
    : $start & "'" & $replace($json, "'", "'\\\\''") & "'";
"""


def subject(prefix: str) -> str:
    """One line of less than 100 ASCII characters, SNS's limit: `scones-dev: LowConfidence on test/x.png`."""
    line = f'"{prefix}: " & $states.input.Error & " on " & $image'
    return subject_line(_EXECUTION, line)


def message(runbook: str) -> str:
    """What failed, on which image, why, in which execution, and the command that runs it again; `runbook`:
    where it is said what to do about the error."""
    text = f"""
  "What failed: " & $states.input.State & " (" & $states.input.Error & ")\\n"
    & "Image: " & $image & ($exists($bucket) ? " in bucket " & $bucket : "") & "\\n"
    & "Why: " & $reason & "\\n"
    & "What to do about " & $states.input.Error & {json.dumps(f": {runbook}")} & "\\n\\n"
    & "Execution: " & $execution.Id & "\\n"
    & "Console: " & $console & "\\n\\n"
    & "To run it again:\\n" & $again & "\\n"
"""
    return expression(_EXECUTION + _REASON + _RUN_AGAIN + CONSOLE, text.strip())
