"""Makes `.venv` and everything in it that running or testing needs. `make` calls it before each target.

Standard library only, and nothing newer than Python 3.7 at run time, so that an older Python can still
say which one is needed. A run with nothing to do takes a few hundredths of a second.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = (3, 11)
NEWER_PYTHONS = ("python3.13", "python3.12", "python3.11", "python3.14")
FREE_MB = 500
FREE_MB_DEV = 800
UNFINISHED = "an installation began here and did not end"

# What pip says, by cause. "No matching distribution" also follows a broken connection: it comes last.
NO_SPACE = re.compile(r"No space left on device|Errno 28|Disk quota exceeded")
NO_NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeoutError|ReadTimeout|Read timed out|ProxyError|Network is unreachable"
    r"|Failed to establish a new connection|[Nn]ame resolution|SSLError|CERTIFICATE_VERIFY_FAILED"
    r"|Connection (?:aborted|refused|reset)"
)
NO_WHEEL = re.compile(r"No matching distribution found for (\S+)")


class SetupError(Exception):
    """Why the set-up cannot go on, as one sentence for the person at the terminal."""


class NothingInstalled(SetupError):
    """It failed while looking for the packages: what was installed before is untouched."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Prepare .venv.")
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--compile-messages", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    try:
        if options.compile_messages:
            compile_messages(ROOT / "locale")
        else:
            prepare(options.dev)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130
    return 0


def prepare(dev: bool) -> None:
    check_version(sys.version_info[:2])
    wanted = fingerprints(ROOT, dev)
    venv = ROOT / ".venv"
    if not is_complete(venv, wanted):
        check_disk(shutil.disk_usage(str(ROOT)).free, FREE_MB_DEV if dev else FREE_MB)
        install(venv, dev, wanted)
    if stale_messages(ROOT / "locale"):
        say("Compiling the translations ...")
        command = [str(python_of(venv)), __file__, "--compile-messages"]
        if subprocess.run(command, check=False).returncode:  # noqa: S603
            raise SetupError("The translations could not be compiled.")


# --- What the machine must offer ------------------------------------------------------------------


def check_version(version: tuple[int, ...]) -> None:
    """Go on with a newer Python if this one is too old and there is one."""
    if version >= NEEDED:
        return
    for name in NEWER_PYTHONS:
        found = shutil.which(name)
        # It must also run: a version manager puts stubs on PATH for versions that are switched off.
        if found and runs(found, ""):
            os.execv(found, [found, *sys.argv])  # noqa: S606
    raise SetupError(too_old(version))


def too_old(version: tuple[int, ...]) -> str:
    return (
        f"Python {dotted(NEEDED)} or newer is needed; {sys.executable or 'this one'} is {dotted(version)}. "
        "Install a newer one, or name it: make PYTHON=/path/to/python3."
    )


def check_disk(free: int, needed_mb: int) -> None:
    free_mb = free // 1_000_000
    if free_mb < needed_mb:
        raise SetupError(f"Not enough disk space: {ROOT} needs {needed_mb} MB free and has {free_mb} MB.")


def check_venv_module() -> None:
    """Debian and its relatives ship Python without the part that makes virtual environments."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise SetupError(
            "This Python cannot make a virtual environment: on Debian and Ubuntu, run "
            f"sudo apt-get install python3-venv (or python{dotted(sys.version_info[:2])}-venv) first."
        )


# --- The virtual environment ----------------------------------------------------------------------


def python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def record_of(venv: Path) -> Path:
    return venv / "installed.txt"


def requirement_files(dev: bool) -> list[str]:
    return ["requirements.txt", *(["requirements-dev.txt"] if dev else [])]


def fingerprints(root: Path, dev: bool) -> set[str]:
    """One line per requirements file that changes when the file does."""
    return {
        f"{name} {hashlib.sha256((root / name).read_bytes()).hexdigest()}" for name in requirement_files(dev)
    }


def is_complete(venv: Path, wanted: set[str]) -> bool:
    """Whether what is wanted was installed to the end, and the Python it was made with is still there."""
    try:
        recorded = set(record_of(venv).read_text().splitlines())
    except OSError:
        return False
    return wanted <= recorded and python_of(venv).exists()


def install(venv: Path, dev: bool, wanted: set[str]) -> None:
    """Install into `.venv`; while that lasts, its record says that it is unfinished."""
    record = record_of(venv)
    log = venv / "install.log"
    try:
        before = record.read_text() if record.exists() else ""
        if venv.exists() and (before == UNFINISHED or not works(python_of(venv))):
            shutil.rmtree(str(venv))
        if not venv.exists():
            before = UNFINISHED
            create(venv, log)
        record.write_text(UNFINISHED)
        say("Installing the packages into .venv (a minute or two the first time) ...")
        try:
            run_logged(pip_command(venv, dev), log)
        except NothingInstalled:
            record.write_text(before)
            raise
        record.write_text("\n".join(sorted(wanted)))
    except OSError as error:
        raise SetupError(f"{venv} cannot be written: {error.strerror or error}.") from error


def create(venv: Path, log: Path) -> None:
    check_venv_module()
    say("Creating the virtual environment .venv ...")
    venv.mkdir()
    record_of(venv).write_text(UNFINISHED)
    run_logged([sys.executable, "-m", "venv", str(venv)], log)


def pip_command(venv: Path, dev: bool) -> list[str]:
    command = [str(python_of(venv)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    # Ready-made builds only, so that nobody needs a compiler.
    command += ["--only-binary=:all:", "--progress-bar", "off"]
    for name in requirement_files(dev):
        command += ["-r", str(ROOT / name)]
    return command


def works(python: Path) -> bool:
    """Whether a virtual environment that we did not leave unfinished can be used: new enough, with pip."""
    return runs(str(python), f"import sys, pip; sys.exit(sys.version_info < {NEEDED})")


def runs(python: str, program: str) -> bool:
    try:
        done = subprocess.run([python, "-c", program], stderr=subprocess.DEVNULL, check=False)  # noqa: S603
    except OSError:
        return False
    return done.returncode == 0


def run_logged(command: list[str], log: Path) -> None:
    """Run with the output kept in the log; a failure is explained from this command's part of it."""
    with log.open("ab") as output:
        begin = output.tell()
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, cwd=str(ROOT), check=False)  # noqa: S603
    if done.returncode:
        raise explain(log.read_bytes()[begin:].decode("utf-8", "replace"), log)


def explain(output: str, log: Path) -> SetupError:
    """The reason why an installation failed, as one sentence that says where the rest is."""
    rest = f"(All of the output is in {log}.)"
    missing = NO_WHEEL.search(output)
    if NO_SPACE.search(output):
        return SetupError(f"The disk is full. {rest}")
    if NO_NETWORK.search(output):
        return NothingInstalled(
            "The package index cannot be reached: check the network, or name a proxy (HTTPS_PROXY) "
            f"or a mirror (PIP_INDEX_URL). {rest}"
        )
    if missing:
        system = f"Python {dotted(sys.version_info[:2])} on {sys.platform} {platform.machine()}"
        return NothingInstalled(
            f"There is no ready-made build of {missing.group(1)} for {system}: "
            f"try another version of Python. {rest}"
        )
    errors = [line for line in output.splitlines() if re.match(r"error", line, re.IGNORECASE)]
    return SetupError(f"The installation failed: {errors[-1] if errors else 'no reason was given'} {rest}")


# --- Translations ---------------------------------------------------------------------------------


def stale_messages(locale: Path) -> list[Path]:
    """The .po files whose .mo file is missing or older."""
    return [
        po
        for po in sorted(locale.glob("*/LC_MESSAGES/*.po"))
        if not po.with_suffix(".mo").exists() or po.with_suffix(".mo").stat().st_mtime < po.stat().st_mtime
    ]


def compile_messages(locale: Path) -> None:
    """Write the .mo file of each .po file that changed. Runs inside `.venv`, where Babel is."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    for po in stale_messages(locale):
        unfinished = po.with_suffix(".mo.tmp")
        try:
            with po.open("rb") as source, unfinished.open("wb") as target:
                write_mo(target, read_po(source, locale=po.parent.parent.name, abort_invalid=True))
        except PoFileError as error:
            raise SetupError(f"{po} is not a valid translation file: {error}.") from error
        os.replace(str(unfinished), str(po.with_suffix(".mo")))


# --- Words ----------------------------------------------------------------------------------------


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


if __name__ == "__main__":
    sys.exit(main())
