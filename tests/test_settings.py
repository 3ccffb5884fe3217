import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, environment, manage

PRODUCTION = {
    "DEBUG": "False",
    "SECRET_KEY": "made-up-and-long-enough-0123456789-abcdefghijklmnopqrstuvwxyz",
    "FIELD_ENCRYPTION_KEYS": "made-up-0123456789",
    "ALLOWED_HOSTS": "shop.example.com",
}


def setting(expression: str, env: dict[str, str]) -> str:
    """What a process with this environment reads from the settings."""
    show = f"from shopadmin.settings import *; print({expression})"
    return subprocess.run(
        [sys.executable, "-c", show], env=env, cwd=ROOT, text=True, capture_output=True, check=True
    ).stdout


def test_with_the_secrets_set_it_starts_without_debug(tmp_path: Path) -> None:
    assert manage("check", env=environment(tmp_path, **PRODUCTION)).returncode == 0


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_ENCRYPTION_KEYS"])
def test_without_debug_a_missing_secret_stops_the_start_and_is_named(name: str, tmp_path: Path) -> None:
    stopped = manage("check", env=environment(tmp_path, **(PRODUCTION | {name: ""})))
    assert stopped.returncode != 0
    assert f"{name} is not set." in stopped.stderr


def test_with_debug_no_secret_is_needed(tmp_path: Path) -> None:
    env = environment(tmp_path, SECRET_KEY="", FIELD_ENCRYPTION_KEYS="")
    assert manage("check", env=env).returncode == 0


def test_a_queue_nobody_knows_stops_the_start_and_is_named(tmp_path: Path) -> None:
    stopped = manage("check", env=environment(tmp_path, Q_BROKER="rabbit"))
    assert stopped.returncode != 0
    assert "Q_BROKER is 'rabbit'; it must be 'orm' or 'redis'." in stopped.stderr


def test_a_database_that_is_none_stops_the_start_in_one_sentence(tmp_path: Path) -> None:
    stopped = manage("check", env=environment(tmp_path, DATABASE_URL="nonsense"))
    assert stopped.stderr.splitlines()[-1] == (
        "shopadmin cannot start: DATABASE_URL must begin with sqlite:/// or postgres://."
    )


@pytest.mark.parametrize("value", ["proxy.internal", "10.0.0.0/40"])
def test_a_proxy_that_has_no_address_stops_the_start_and_is_named(value: str, tmp_path: Path) -> None:
    stopped = manage("check", env=environment(tmp_path, TRUSTED_PROXIES=value))
    assert stopped.returncode != 0
    assert "TRUSTED_PROXIES must be addresses or networks" in stopped.stderr and value in stopped.stderr


def test_proxies_may_be_addresses_and_networks(tmp_path: Path) -> None:
    said = setting("TRUSTED_PROXIES", environment(tmp_path, TRUSTED_PROXIES="127.0.0.1, 10.0.0.7/24,::1"))
    assert "('127.0.0.1/32')" in said and "('10.0.0.0/24')" in said and "('::1/128')" in said


def test_in_production_cookies_travel_by_tls_only(tmp_path: Path) -> None:
    secure = "SESSION_COOKIE_SECURE, CSRF_COOKIE_SECURE, LANGUAGE_COOKIE_SECURE"
    assert setting(secure, environment(tmp_path, **PRODUCTION)).split() == ["True"] * 3


@pytest.mark.parametrize(("simulator", "shown"), [("", False), ("http://10.0.0.8:8765", True)])
def test_in_production_pictures_of_the_simulator_are_shown_where_one_is_named(
    simulator: str, shown: bool, tmp_path: Path
) -> None:
    env = environment(tmp_path, **PRODUCTION) | ({"SIMULATOR_URL": simulator} if simulator else {})
    sources = setting("CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src']", env)
    assert (":8765" in sources) is shown


@pytest.mark.parametrize(
    "name", ["Q_CLUSTER['redis']", "CACHES['default']['LOCATION']", "DATABASES['default']['OPTIONS']"]
)
def test_no_server_is_waited_for_without_end(name: str, tmp_path: Path) -> None:
    servers = {
        "Q_BROKER": "redis",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "CACHE_URL": "rediscache://127.0.0.1:1/1",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    }
    assert "connect_timeout" in setting(name, environment(tmp_path, **servers))


def test_a_redis_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        env = environment(
            tmp_path, Q_BROKER="redis", REDIS_URL=address, DJANGO_SETTINGS_MODULE="shopadmin.settings"
        )
        ask = "import django; django.setup(); import django_q.brokers as b; b.get_broker().queue_size()"
        said = subprocess.run(
            [sys.executable, "-c", ask], env=env, cwd=ROOT, text=True, capture_output=True, timeout=60
        )
    assert "redis.exceptions.TimeoutError" in said.stderr


def test_the_example_names_exactly_the_settings_that_are_read() -> None:
    settings = (ROOT / "shopadmin" / "settings.py").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    read = set(re.findall(r'(?:\benv\.\w+|\bsecret)\(\s*"([A-Z0-9_]+)"', settings))
    assert set(re.findall(r"^# ?([A-Z0-9_]+)=", example, re.MULTILINE)) == read


def test_every_setting_of_the_example_is_explained_above_it() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    settings, _production = example.split("# --- Example for production")
    blocks = [block for block in settings.split("\n\n") if re.search(r"^#[A-Z0-9_]+=", block, re.MULTILINE)]
    assert all(block.startswith("# ") for block in blocks)
