"""The command line `scones`: from its first moment on Ctrl-C ends it, and without a traceback."""

from __future__ import annotations

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while modules are loaded, which takes most of a second

import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

INTERRUPTED = 128 + signal.SIGINT


def main(argv: Sequence[str] | None = None) -> None:
    """Run a verb. Exit code 0: done; 2: not possible as asked, the reason is on standard error."""
    from botocore.exceptions import BotoCoreError, ClientError

    from operations.aws.clients import heed_region
    from operations.aws.errors import OperationError, explain
    from operations.verbs import app
    from training.staging.example import StagingError

    heed_region()
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        app(argv, prog_name="scones")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except (StagingError, OperationError) as error:
        _refuse(str(error))
    except (ClientError, BotoCoreError) as error:
        _refuse(explain(error))
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # threads may still be waited for


def _refuse(reason: str) -> NoReturn:
    from operations.terminal import tell

    tell(f"Error: {reason}", colour="red")
    sys.exit(2)


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leave as after Ctrl-C, so that unfinished folders are taken away."""
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
