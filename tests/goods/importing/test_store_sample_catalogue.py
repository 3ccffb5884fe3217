"""The sample catalogue as products of the Mini Store, from the first import to the repaired fix-only file."""

import shutil
from pathlib import Path

import pytest

from goods.importing import default_fix_file, import_store
from goods.models import FreightTemplate, Sku, Spu
from tests.goods.importing.conftest import CATALOGUE

SKUS = CATALOGUE.with_name("catalog_skus.csv")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [Path(shutil.copy(path, tmp_path)) for path in (CATALOGUE, SKUS)]


@pytest.fixture
def template(account):
    return FreightTemplate.objects.create(account=account, name="全国包邮", template_id="7")


@pytest.fixture
def report(account, files, template):
    return import_store(files, account, fix_file=default_fix_file(files[0]))


def test_every_row_is_accounted_for(report):
    assert (report.rows, report.created, report.rejected) == (118, 118, 0)
    print("\n".join(report.lines()))


def test_it_is_22_products_and_96_skus_of_them(report):
    assert (Spu.objects.count(), Sku.objects.count()) == (22, 98)
