"""Child processes that do not outlive us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own; it keeps the file descriptors of ``pass_fds``.

    Ctrl-C in a terminal then reaches us alone, and whatever the child starts can be killed as one group.
    """
    return subprocess.Popen(  # noqa: S603 - the commands are our own
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=pass_fds,
        start_new_session=True,
        preexec_fn=_stop_with_parent(),
    )


def kill_group(child: subprocess.Popen[bytes], *, patience: float = 2.0) -> None:
    """SIGKILL everything in the child's group: the child, and what outlived it."""
    deadline = time.monotonic() + patience
    try:
        while time.monotonic() < deadline:  # again and again: a process may be forking meanwhile
            os.killpg(child.pid, signal.SIGKILL)
            child.poll()
            time.sleep(0.05)
    except (ProcessLookupError, PermissionError):  # the group is empty (macOS: only zombies are left)
        pass
    child.wait()


def _stop_with_parent() -> Callable[[], None] | None:
    """What the child runs before its program: on Linux it asks for a SIGTERM when we are killed."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded here, because little is safe between fork and exec
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # killed before the line above
            os._exit(1)

    return ask
