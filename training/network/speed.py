"""The precision in which this processor is fast."""

from __future__ import annotations

import torch


def bfloat16_is_fast() -> bool:
    """Whether this processor multiplies bfloat16 itself; one that emulates it trains faster in float32."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def fast_precision() -> torch.autocast:
    """Within it convolutions and products of matrices are in bfloat16 where that is faster."""
    return torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_is_fast())
