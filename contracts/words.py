"""What people read on the page and on the dashboard alike, so that one is found again in the other."""

from __future__ import annotations

OUTCOMES = {
    "SUCCEEDED": "Succeeded",
    "FAILED": "Failed",
    "TIMED_OUT": "Timed out",
    "ABORTED": "Stopped",
    "RUNNING": "Running",
}
"""Of executions, by Step Functions' status."""

MEASURES = {
    "confidence": "Confidence",
    "class_share": "Predicted classes",
    "brightness": "Brightness",
    "contrast": "Contrast",
    "sharpness": "Sharpness",
    "colorfulness": "Colourfulness",
    "width": "Width",
    "height": "Height",
}
"""What may drift."""

EXECUTIONS_BY_OUTCOME = "Executions by outcome"
ERRORS_OF_EXECUTIONS = "Errors of executions"
PREDICTED_CLASSES = "Predicted classes"
CONFIDENCE = "Confidence"
ACCURACY = "Accuracy"
ESTIMATED = "Estimated, without labels"
LOW_CONFIDENCE = "Low confidence"
UNFAMILIAR = "Unfamiliar pictures"
DRIFT = "Drift"
UNREADABLE = "Unreadable data"
