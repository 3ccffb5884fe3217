"""Starting the simulator by hand."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[2]
MODULE = [sys.executable, "-m", "shopadmin.simulator"]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_it_cleanly(tmp_path, number):
    state_file = tmp_path / "state.json"
    command = [*MODULE, "--port", "0", "--state", str(state_file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        assert requests.get(f"{url}/_sim/settings", timeout=5).ok
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
    assert state_file.exists()


def test_taken_port_is_one_sentence_and_exit_code_1(taken_port):
    command = [*MODULE, "--port", str(taken_port)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert f"Port {taken_port} on 127.0.0.1 is already in use" in result.stderr


def test_management_command_says_that_the_port_is_taken(taken_port):
    with pytest.raises(CommandError, match="already in use"):
        call_command("simulator", port=taken_port)


def test_address_of_another_machine_cannot_be_listened_on():
    with pytest.raises(CommandError, match="cannot listen"):
        call_command("simulator", host="203.0.113.1", port=0)


def test_simulator_needs_no_django():
    code = "import sys, shopadmin.simulator.__main__; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=20).returncode == 0


def test_impossible_port_is_one_sentence():
    with pytest.raises(CommandError, match="cannot listen"):
        call_command("simulator", port=70_000)


def test_accounts_can_be_opened_to_all_at_the_start():
    command = [*MODULE, "--port", "0", "--open-accounts"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        assert requests.get(f"{url}/_sim/settings", timeout=5).json()["open_accounts"] is True
        process.terminate()
        assert process.wait(timeout=10) == 0
