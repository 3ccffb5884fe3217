"""``manage.py import_goods``, and its template."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from goods.importing import import_file
from goods.models import LiveGoods

TEMPLATE = Path(__file__).parents[3] / "docs" / "import-template.csv"


@pytest.fixture
def run(account):
    def do(path, *options: str) -> str:
        out = io.StringIO()
        call_command("import_goods", path, "--account", account.pk, *options, stdout=out)
        return out.getvalue()

    return do


def test_the_command_tells_totals_problems_and_the_fix_only_file(run, catalogue):
    lines = run(catalogue).splitlines()
    assert lines[0].startswith("Rows: 22 · new: 22 · changed: 0")
    assert sum(line.startswith("row ") for line in lines) == 16
    assert str(catalogue.with_name("catalog_products-fix.csv")) in lines[-1]


def test_a_problem_names_row_product_and_field(run, catalogue):
    line = next(line for line in run(catalogue).splitlines() if line.startswith("row 5"))
    assert line.startswith("row 5 · 27 · 小米8 全面屏游戏智能手机") and " · name: " in line


def test_the_report_can_be_had_as_json(run, catalogue):
    report = json.loads(run(catalogue, "--json"))
    assert report["created"] + report["updated"] + report["unchanged"] + report["rejected"] == report["rows"]
    assert report["problems"][0]["field"] == "name"


def test_the_fix_only_file_goes_into_the_folder_that_somebody_works_in(run, catalogue, tmp_path):
    folder = tmp_path / "from the supplier"
    folder.mkdir()
    run(catalogue.rename(folder / catalogue.name))
    assert (tmp_path / "catalog_products-fix.csv").exists() and len(list(folder.iterdir())) == 1


def test_a_warning_names_the_product_that_wechat_will_not_take(run, make_goods, tmp_path):
    make_goods(product_no="A1", goods_id="9", third_party_tag=2, audit_status=2)
    (tmp_path / "list.csv").write_text("product_no,name\nA1,云南小粒咖啡豆\n")
    lines = [line for line in run(tmp_path / "list.csv").splitlines() if line.startswith("Warning: ")]
    assert len(lines) == 1 and "A1" in lines[0] and "WeChat will not take it" in lines[0]


def test_the_fix_only_file_goes_where_it_is_wanted(run, catalogue, tmp_path):
    run(catalogue, "--fix-file", str(tmp_path / "todo.csv"))
    assert (tmp_path / "todo.csv").exists() and not list(tmp_path.glob("*-fix*"))


def test_a_fix_only_file_of_another_format_is_refused_before_the_import(run, catalogue, tmp_path):
    with pytest.raises(CommandError, match=r"\.csv"):
        run(catalogue, "--fix-file", str(tmp_path / "todo.xlsx"))
    assert not LiveGoods.objects.exists()


def test_a_folder_that_is_not_there_is_told_before_the_import(run, catalogue, tmp_path):
    with pytest.raises(CommandError, match="no folder"):
        run(catalogue, "--fix-file", str(tmp_path / "none" / "todo.csv"))
    assert not LiveGoods.objects.exists()


def test_a_trial_says_so(run, catalogue):
    assert "nothing was stored" in run(catalogue, "--dry-run")


def test_an_unreadable_file_is_one_sentence(run, tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        run(tmp_path / "nothing.csv")


def test_an_unknown_account_is_one_sentence(catalogue, db):
    with pytest.raises(CommandError, match="There is no account 4711"):
        call_command("import_goods", catalogue, "--account", "4711")


def test_a_page_template_without_the_number_is_refused(run, catalogue):
    with pytest.raises(CommandError, match="product_no"):
        run(catalogue, "--url-template", "pages/detail")


def test_the_template_of_the_documentation_imports_cleanly(account):
    report = import_file(TEMPLATE, account)
    assert (report.rows, report.created, report.problems, report.ignored_columns) == (3, 3, [], [])
