import gettext
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shopadmin import bootstrap

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "price"\nmsgstr "价格"\n'
LOG = Path("install.log")


def run(checkout: Path, **more: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    command = [sys.executable, str(checkout / "shopadmin" / "bootstrap.py")]
    return subprocess.run(command, env=env | more, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that needs no package at all, set up once; the package index is out of reach."""
    root = tmp_path_factory.mktemp("checkout")
    (root / "shopadmin").mkdir()
    (root / "locale").mkdir()
    shutil.copy(bootstrap.__file__, root / "shopadmin")
    (root / "requirements.txt").write_text("# nothing\n")
    done = run(root)
    assert done.returncode == 0, done.stderr
    return root


def test_the_first_run_makes_an_environment_with_pip(checkout: Path) -> None:
    assert bootstrap.works(checkout / ".venv" / "bin" / "python")


def test_a_second_run_has_nothing_to_say(checkout: Path) -> None:
    assert run(checkout).stdout == ""


def test_an_unfinished_installation_is_made_anew(checkout: Path) -> None:
    leftover = checkout / ".venv" / "leftover"
    leftover.touch()
    bootstrap.record_of(checkout / ".venv").write_text(bootstrap.UNFINISHED)
    run(checkout)
    assert not leftover.exists()


def test_an_index_out_of_reach_is_one_sentence_and_leaves_what_was_installed(checkout: Path) -> None:
    requirements = checkout / "requirements.txt"
    before = requirements.read_text()
    requirements.write_text("something-new==1.0\n")
    failed = run(checkout)
    requirements.write_text(before)
    assert failed.returncode == 1
    assert failed.stderr.startswith("The package index cannot be reached")
    assert len(failed.stderr.splitlines()) == 1
    assert run(checkout).stdout == ""


def test_an_old_python_is_told_which_one_is_needed() -> None:
    sentence = bootstrap.too_old((3, 9))
    assert "Python 3.11 or newer is needed" in sentence
    assert "is 3.9" in sentence


def test_a_full_disk_is_told_how_much_is_needed() -> None:
    with pytest.raises(bootstrap.SetupError, match="needs 500 MB free and has 100 MB"):
        bootstrap.check_disk(free=100_000_000, needed_mb=500)


def test_what_is_installed_for_running_is_not_enough_for_testing(checkout: Path) -> None:
    (checkout / "requirements-dev.txt").write_text("-r requirements.txt\n")
    venv = checkout / ".venv"
    assert bootstrap.is_complete(venv, bootstrap.fingerprints(checkout, dev=False))
    assert not bootstrap.is_complete(venv, bootstrap.fingerprints(checkout, dev=True))


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device", "The disk is full."),
        (
            "NewConnectionError: refused\nERROR: No matching distribution found for django",
            "cannot be reached",
        ),
        ("ERROR: No matching distribution found for pillow==13", "no ready-made build of pillow==13"),
        ("Collecting\nERROR: Broken metadata\nnote", "ERROR: Broken metadata"),
        ("", "no reason was given"),
    ],
)
def test_a_failed_installation_is_explained(output: str, sentence: str) -> None:
    assert sentence in str(bootstrap.explain(output, LOG))


def test_the_explanation_names_the_whole_output() -> None:
    assert "install.log" in str(bootstrap.explain("", LOG))


@pytest.fixture
def po(tmp_path: Path) -> Path:
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO, encoding="utf-8")
    return path


def test_translations_are_compiled(po: Path, tmp_path: Path) -> None:
    bootstrap.compile_messages(tmp_path)
    with po.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("price") == "价格"


def test_a_compiled_translation_is_stale_only_after_a_change(po: Path, tmp_path: Path) -> None:
    bootstrap.compile_messages(tmp_path)
    assert bootstrap.stale_messages(tmp_path) == []
    later = po.with_suffix(".mo").stat().st_mtime + 1
    os.utime(po, (later, later))
    assert bootstrap.stale_messages(tmp_path) == [po]


def test_a_broken_translation_file_is_named(po: Path, tmp_path: Path) -> None:
    po.write_text('msgid "price\n', encoding="utf-8")
    with pytest.raises(bootstrap.SetupError, match=r"django\.po"):
        bootstrap.compile_messages(tmp_path)
