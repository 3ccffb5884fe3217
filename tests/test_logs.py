"""Log lines as production writes them."""

import json
import subprocess
import sys

from tests.processes import ROOT, environment

SAY = """
import django, logging
django.setup()
logging.getLogger("audits.calls").info("call", extra={"push": 7, "rid": "691f7a10-2b7c1d44-5e0a9931"})
"""


def said(folder, **env: str) -> str:
    env = environment(folder, DJANGO_SETTINGS_MODULE="shopadmin.settings", **env)
    return subprocess.run(
        [sys.executable, "-c", SAY], env=env, cwd=ROOT, capture_output=True, text=True, check=True
    ).stderr


def test_a_line_is_one_json_object_that_names_push_and_request(tmp_path):
    line = json.loads(said(tmp_path, LOG_FORMAT="json"))
    assert (line["message"], line["level"], line["push"], line["rid"]) == (
        "call",
        "INFO",
        7,
        "691f7a10-2b7c1d44-5e0a9931",
    )


def test_on_a_developers_machine_lines_are_plain(tmp_path):
    assert said(tmp_path).endswith("INFO audits.calls call\n")


def test_production_writes_json(tmp_path):
    keys = {"SECRET_KEY": "k" * 50, "FIELD_ENCRYPTION_KEYS": "f" * 50}
    assert json.loads(said(tmp_path, DEBUG="False", **keys))["push"] == 7
