"""What a person reads when an execution over many images has ended well, as JSONata of Step Functions.

The state's input is the output of "Merge results", a summary of the run without its long parts.
"""

from __future__ import annotations

from stacks.workflow.expression import CONSOLE, expression, subject_line

# Quantiles are null, and names of classes and errors are none, when no image was classified, or none failed.
_VALUES = """
  $execution := $states.context.Execution;
  $s := $states.input;
  $thousands := function($number) { $formatNumber($number, "#,##0") };
  $images := $thousands($s.listed) & ($s.listed = 1 ? " image" : " images");
  $named := function($lines) { $count($lines) > 0 ? $join($lines, ", ") : "none" };
  $classes := $named($each($s.classes, function($value, $name) {
    $name & ($exists($value.name) and $value.name != $name ? " " & $value.name & ": " : " ")
      & $thousands($value.count) & " (" & $formatNumber($value.share * 100, "0.0") & " %)"
  }));
  $errors := $named($each($s.errors_by_name, function($value, $name) { $name & " " & $thousands($value) }));
  $replayed := $type($s.replay_of) = "string" ? " (again what failed in " & $s.replay_of & ")" : "";
  $median := $type($s.confidence.p50) = "number" ? $string($s.confidence.p50) : "none";
  $folder := $substringBefore($s.summary_key, "/summary.json");
"""


def subject(prefix: str) -> str:
    """One line: `scones-dev: 2,000 images, 1,950 accepted, 40 low confidence, 10 errors`."""
    line = (
        f'"{prefix}: " & $images & ", " & $thousands($s.accepted) & " accepted, "'
        ' & $thousands($s.low_confidence) & " low confidence, " & $thousands($s.errors) & " errors"'
    )
    return subject_line(_VALUES, line)


def message(stage: str) -> str:
    """The counts, what the model saw, what it took, where the results are, how to run what failed again."""
    text = f"""
  "Classified: " & $images & $replayed & "\\n"
    & "Accepted: " & $thousands($s.accepted) & "\\n"
    & "Low confidence: " & $thousands($s.low_confidence) & " (below " & $string($s.threshold) & ")\\n"
    & "Errors: " & $thousands($s.errors) & " (" & $errors & ")\\n"
    & "Classes: " & $classes & "\\n"
    & "Median confidence: " & $median & "\\n"
    & "Model: " & $s.model & "\\n"
    & "Took: " & $string($s.duration_seconds) & " seconds, about $" & $string($s.cost.dollars)
    & " without the endpoint's hours\\n\\n"
    & "Results: s3://" & $s.summary_bucket & "/" & $folder & "/\\n"
    & "Execution: " & $execution.Id & "\\n"
    & "Console: " & $console & "\\n"
    & ($s.errors > 0 ? "\\nTo run what failed again:\\npython -m operations replay "
      & $execution.Name & " --stage {stage}\\n" : "")
"""
    return expression(_VALUES + CONSOLE, text.strip())
