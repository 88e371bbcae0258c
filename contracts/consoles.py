"""Where AWS's console is, by partition."""

from __future__ import annotations

CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""Host names, behind that of the region."""
