"""Environment variables: what clients need to reach the local AWS, and what the emulator itself reads."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from loopback_aws.guard.keys import KeyPair
from loopback_aws.settings import ACCOUNT, HOST, REGION, Settings

UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")
"""Variables of a person's shell that would lead a client elsewhere or make it fail."""
NO_KEYS = KeyPair(access_key_id="", secret_access_key="")


def client_environment(state: Path, port: int, keys: KeyPair) -> dict[str, str]:
    """Variables with which the AWS CLI, boto3 and the CDK CLI talk to the local AWS and to nothing else."""
    url = f"http://{HOST}:{port}"
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_S3": url,
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_PAGER": "",
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
        "CDK_HOME": str(state / "cdk"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "NO_PROXY": no_proxy(os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""),
    }


def no_proxy(given: str) -> str:
    """`given` with the loopback address added: a proxy must not see these requests."""
    hosts = [host.strip() for host in given.split(",") if host.strip()]
    return ",".join(hosts + [host for host in (HOST, "localhost") if host not in hosts])


def export_lines(variables: dict[str, str]) -> str:
    """The variables as lines for a POSIX shell's `eval`."""
    lines = [f"unset {' '.join(UNSET)}"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return "\n".join(lines)


def unset_lines() -> str:
    """What takes the variables back; NO_PROXY, which may have been there before, stays."""
    names = [name for name in client_environment(Path(), 0, NO_KEYS) if name != "NO_PROXY"]
    return f"unset {' '.join(names)}"


def emulator_environment(settings: Settings, port: int, keys: KeyPair) -> dict[str, str]:
    """Variables to set before the emulator is imported: it reads most of them at import."""
    return client_environment(settings.state, port, keys) | {
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": HOST,
        "BIND_HOST": HOST,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "MINISTACK_WORKER_THREADS": "128",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(settings.services),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(settings.state / "objects"),
        "TMPDIR": str(settings.state / "tmp"),
        "LAMBDA_EXECUTOR": "local",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{settings.state / 'no-docker.sock'}",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }
