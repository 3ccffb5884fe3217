"""Serving until told to stop, for the two ways of starting the simulator by hand."""

import errno
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.server import Simulator

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765


def add_options(parser: ArgumentParser) -> None:
    """--host, --port, --state and --open-accounts."""
    parser.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port to listen on (%(default)s)")
    parser.add_argument("--state", type=Path, help="file that keeps the memory over a restart")
    parser.add_argument(
        "--open-accounts", action="store_true", help="take any well-formed appid as an account"
    )


class CannotServe(Exception):
    """Its text is one sentence for the person at the terminal."""


def serve(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    """Serve with the options of ``add_options`` until SIGTERM or SIGINT; CannotServe if that is impossible.

    Only the main thread may call this, since only it gets signals.
    """
    told_to_stop = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        told_to_stop.set()

    simulator = _bound(options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with simulator:
        write(f"Simulated WeChat, not the real one, at {simulator.url}\n")
        told_to_stop.wait()
    write("Simulated WeChat stopped.\n")


def _bound(options: Mapping[str, Any]) -> Simulator:
    host, port = options["host"], options["port"]
    settings = Settings(open_accounts=options["open_accounts"])
    try:
        return Simulator(host=host, port=port, state_file=options["state"], settings=settings)
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            reason = (
                f"Port {port} on {host} is already in use; stop what runs there or choose another --port."
            )
        else:
            reason = f"The simulator cannot listen on {host}, port {port}: {error}."
        raise CannotServe(reason) from None
