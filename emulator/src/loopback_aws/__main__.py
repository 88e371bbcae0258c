"""`python -m loopback_aws`: start, stop and look at the local AWS."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from loopback_aws import lifecycle
from loopback_aws.configuration import FILE, STATE, read_settings
from loopback_aws.environment import client_environment, export_lines, unset_lines
from loopback_aws.errors import LocalError
from loopback_aws.guard.keys import require_keys
from loopback_aws.instance import Instance
from loopback_aws.server import serve
from loopback_aws.settings import Settings

UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST)
"""What the system says of a folder that takes no files."""
TEACHING = """\
examples:
  python -m loopback_aws up                     start it, print the variables to use it with
  eval "$(python -m loopback_aws env)"          set them in this shell; then:
      aws s3 ls
      npx cdk bootstrap && npx cdk deploy --all
  eval "$(python -m loopback_aws env --unset)"  take them back: this shell leaves it
  python -m loopback_aws down                   stop it; buckets, stacks and endpoints stay
  python -m loopback_aws up --state /tmp/other --port 0      a second one beside it, on any free port

loopback.toml of this folder, or --config FILE, says what models of SageMaker may run and how:
  [[images]]
  repository = "my-model-server"                 how the repository name of an image ends
  command = ["{python}", "-m", "my_server"]      what stands for its containers

What works, and where it differs from AWS, is in the README of loopback-aws.
"""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(
        prog="python -m loopback_aws",
        description="AWS on this machine's loopback address, for the unmodified CDK CLI, AWS CLI and SDKs.",
        epilog=TEACHING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="up|down|status|env|serve")
    for name, text in {
        "up": "start it in the background and print its environment",
        "down": "stop it; its state stays",
        "status": "say whether it runs, where, and what it holds",
        "env": "print the variables that clients need",
        "serve": "run it in the foreground (Ctrl-C stops it)",
    }.items():
        verb = verbs.add_parser(name, help=text, description=text.capitalize() + ".")
        verb.add_argument(
            "--config",
            metavar="FILE",
            help=f"its configuration (default: {FILE} of this folder, if it is there)",
        )
        verb.add_argument(
            "--state",
            metavar="DIR",
            help=f"folder of all its state (default: the configuration's, else {STATE})",
        )
        if name in ("up", "serve"):
            verb.add_argument(
                "--port",
                type=int,
                help=f"port on 127.0.0.1, 0 = any free (default: the configuration's, else {Settings.port})",
            )
        if name in ("up", "env", "status"):
            verb.add_argument("--json", action="store_true", help="print JSON")
        if name == "env":
            verb.add_argument(
                "--unset", action="store_true", help="print what takes the variables back, to leave it"
            )
        if name == "up":
            verb.add_argument(
                "--timeout", type=float, default=120, help="seconds to wait (default %(default)g)"
            )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; the exit code: 0, 1 after an error that was explained, 3 from `status` when it is down."""
    options = parse(arguments)
    try:
        settings = read_settings(options.config, options.state, getattr(options, "port", None))
        return run(options, settings)
    except LocalError as error:
        print(f"error: {error}", file=sys.stderr)
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        print(
            f"error: {settings.state} cannot be written ({error}). See that the disk has room and that the "
            "folder is yours, or take another one with --state DIR.",
            file=sys.stderr,
        )
    return 1


def run(options: argparse.Namespace, settings: Settings) -> int:
    """One verb."""
    match options.verb:
        case "serve":
            serve(settings)
            end_at_once()
        case "up":
            instance = lifecycle.up(settings, options.config, options.timeout)
            print_environment(settings, instance, options.json)
        case "down":
            lifecycle.down(settings.state)
        case "env" if options.unset:
            print(unset_lines())
        case "env":
            print_environment(settings, lifecycle.require(settings), options.json)
        case "status":
            return lifecycle.status(settings.state, options.json)
    return 0


def end_at_once() -> NoReturn:
    """End this process, of which everything is saved and stopped, without Python's tidying of 1,500 modules.

    That takes longer than stopping did.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def print_environment(settings: Settings, instance: Instance, as_json: bool) -> None:
    """The clients' variables on standard output, nothing else, so that `eval` and `jq` can read it."""
    keys = require_keys(settings.state, settings.commands.up)
    variables = client_environment(settings.state, instance.port, keys)
    print(json.dumps(variables, indent=2) if as_json else export_lines(variables))


if __name__ == "__main__":
    sys.exit(main())
