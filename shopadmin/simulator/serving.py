"""Serving until told to stop, for the two ways of starting the simulator by hand."""

import errno
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from shopadmin.simulator.server import Simulator

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765


class CannotServe(Exception):
    """Its text is one sentence for the person at the terminal."""


def serve(host: str, port: int, state_file: Path | None, write: Callable[[str], object]) -> None:
    """Serve until SIGTERM or SIGINT. Only the main thread may call this, since only it gets signals."""
    told_to_stop = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        told_to_stop.set()

    simulator = _bound(host, port, state_file)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with simulator:
        write(f"Simulated WeChat, not the real one, at {simulator.url}\n")
        told_to_stop.wait()
    write("Simulated WeChat stopped.\n")


def _bound(host: str, port: int, state_file: Path | None) -> Simulator:
    try:
        return Simulator(host=host, port=port, state_file=state_file)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotServe(
                f"Port {port} on {host} is already in use; stop what runs there or choose another --port."
            ) from None
        raise CannotServe(f"The simulator cannot listen on {host}, port {port}: {error.strerror}.") from None
