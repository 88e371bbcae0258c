"""Run the local AWS in this process until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import shutil
import signal
import socket
from typing import TYPE_CHECKING

from loopback_aws.environment import UNSET, emulator_environment
from loopback_aws.errors import LocalError
from loopback_aws.guard.keys import KeyPair, make_keys
from loopback_aws.instance import claim, publish
from loopback_aws.loopback import stay_on_loopback
from loopback_aws.objects.files import recover
from loopback_aws.pins import check_pins
from loopback_aws.settings import HOST, Commands, Settings
from loopback_aws.state_files import set_aside_unreadable

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

if TYPE_CHECKING:
    from loopback_aws.application import Application


def serve(settings: Settings) -> None:
    """Serve on the settings' port in the foreground; returns after SIGTERM or SIGINT, state saved.

    Raises LocalError when the versions, the state folder or the port do not allow it.
    """
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)  # `up` starts this process with them blocked
    check_pins()
    with claim(settings.state), listen(settings.port, settings.commands) as listener:
        port = listener.getsockname()[1]
        stay_on_loopback()
        keys = make_keys(settings.state)
        _prepare(settings, port, keys)
        application = _application(settings, port, keys)
        publish(settings.state, port)
        print(f"AWS on http://{HOST}:{port}, state in {settings.state}", flush=True)
        asyncio.run(_run(application, listener))


def listen(port: int, commands: Commands) -> socket.socket:
    """A listening socket on the loopback address; LocalError when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise LocalError(
            f"Port {port} of {HOST} cannot be used ({error.strerror}). Perhaps another local AWS holds it "
            f"(with another --state), or another program (see: ss -ltnp 'sport = :{port}'). "
            f"Stop that one, or take any free port: {commands.up_on_any_port}"
        ) from None
    return listener


def _prepare(settings: Settings, port: int, keys: KeyPair) -> None:
    """Environment and folders that the emulator expects; left-overs of a killed run removed."""
    for name in (*UNSET, "PYTHONPATH"):
        os.environ.pop(name, None)
    os.environ.update(emulator_environment(settings, port, keys))
    shutil.rmtree(settings.state / "tmp", ignore_errors=True)
    for folder in ("tmp", "services", "objects", "uploads", "cdk"):
        (settings.state / folder).mkdir(exist_ok=True)
    for folder in ("objects", "uploads"):
        recover(settings.state / folder)
    for message in set_aside_unreadable(settings.services):
        print(f"warning: {message}", flush=True)


def _application(settings: Settings, port: int, keys: KeyPair) -> Application:
    """The application. What its modules make stays for good: looking through it for garbage would take a
    tenth of the start, and time again and again later."""
    gc.disable()
    from loopback_aws.application import Application  # reads the environment that was just set

    application = Application(settings, port, keys)
    gc.freeze()
    gc.enable()
    return application


async def _run(application: Application, listener: socket.socket) -> None:
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{listener.detach()}"]  # the server closes it
    config.keep_alive_timeout = 75
    config.graceful_timeout = 3
    config.shutdown_timeout = 60
    config.h11_max_incomplete_size = 64 * 1024
    config.errorlog = logging.getLogger("hypercorn.error")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue  # under nohup
        loop.add_signal_handler(number, stop.set)

    async def stopped() -> None:
        await stop.wait()
        await asyncio.to_thread(application.stop)

    await hypercorn_serve(application, config, shutdown_trigger=stopped)
