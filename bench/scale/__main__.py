"""`python -m bench.scale`."""

from __future__ import annotations

import argparse
import json

from bench.scale import PICTURES, STEPS, run
from training.network.recipe import PRESETS

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="bench.scale", description="How tens of thousands of photographs train."
    )
    parser.add_argument("--pictures", type=int, default=PICTURES, help=f"default: {PICTURES:,}")
    parser.add_argument("--preset", choices=PRESETS, default="full", help="default: full")
    parser.add_argument("--whole", action="store_true", help="all steps, which takes an hour")
    arguments = parser.parse_args()
    entries = run(arguments.pictures, None if arguments.whole else STEPS, arguments.preset)
    print(json.dumps(entries, indent=2))
