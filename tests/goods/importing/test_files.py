"""What counts as a file that can be imported, and how its cells are read."""

import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from goods.importing import ImportFileError, csv_format, sheet
from goods.importing.sheet import read_sheet, write_sheet
from goods.importing.xlsx_format import cell_text
from goods.models import LiveGoods

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
risky = st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "'", "'=", "''-"]), cells)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(cells | risky, min_size=width, max_size=width), min_size=1, max_size=4)
)


def refused(path) -> str:
    with pytest.raises(ImportFileError) as caught:
        read_sheet(path)
    return str(caught.value)


def read_names(load, path) -> list[str]:
    load(path)
    return list(LiveGoods.objects.order_by("id").values_list("name", flat=True))


# --- CSV ------------------------------------------------------------------------------------------


@given(tables)
def test_cells_written_as_csv_are_read_back_as_they_were(table):
    lines = csv_format.read(csv_format.write([["a", "b", "c", "d"], *table]), most=10)
    assert [line.cells for line in lines[1:]] == [row for row in table if any(cell.strip() for cell in row)]


@given(risky)
def test_no_cell_written_as_csv_is_a_formula(text):
    cell = write_sheet(".csv", ["a"], [[text]]).decode("utf-8-sig").split("\r\n", 1)[1]
    assert cell.removeprefix('"').startswith("'")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_file_may_have_any_encoding_that_excel_writes_in_china(load, csv_file, encoding):
    path = csv_file("商品编号,商品名称\n1,云南小粒咖啡\n", encoding=encoding)
    assert read_names(load, path) == ["云南小粒咖啡"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_by_itself(load, csv_file, delimiter):
    path = csv_file(f"货号{delimiter}名称\n1{delimiter}云南小粒咖啡\n")
    assert read_names(load, path) == ["云南小粒咖啡"]


def test_a_line_break_in_quotation_marks_does_not_end_the_row(csv_file):
    path = csv_file('product_no,name\n1,"two\nlines"\n2,b\n')
    assert [(line.number, line.cells) for line in read_sheet(path).lines] == [
        (2, ["1", "two\nlines"]),
        (3, ["2", "b"]),
    ]


def test_empty_rows_are_skipped_and_counted_in_the_row_numbers(csv_file):
    path = csv_file("\n,,\nproduct_no,name\n\n1,a\n,\n2,b\n")
    assert [line.number for line in read_sheet(path).lines] == [5, 7]


def test_an_unclosed_quotation_mark_is_refused_instead_of_swallowing_rows(csv_file):
    assert "Quotation marks" in refused(csv_file('product_no,name\n1,"a\n2,b\n'))


def test_text_below_no_heading_in_a_csv_file_is_told(load, csv_file):
    report = load(csv_file("product_no,name,price\n1,咖啡,大杯,68\n"))
    assert (report.rejected, report.problems[0].text[:4]) == (1, "“68”")


# --- XLSX -----------------------------------------------------------------------------------------


def test_excel_numbers_become_the_text_that_excel_shows(xlsx_file):
    path = xlsx_file([["product_no", "price"], [100038005189.0, 1299.5], [7, 0.1 + 0.2]])
    assert [line.cells for line in read_sheet(path).lines] == [["100038005189", "1299.5"], ["7", "0.3"]]


def test_leading_zeros_of_a_number_format_are_kept():
    assert cell_text(123, "00000") == "00123"


def test_a_number_longer_than_excel_keeps_is_a_problem(load, xlsx_file):
    report = load(xlsx_file([["product_no", "name"], [1234567890123456, "云南小粒咖啡"]]))
    assert report.rejected == 1 and "Format the column as text" in report.problems[0].text


def test_a_long_number_as_text_is_no_problem(load, xlsx_file):
    load(xlsx_file([["product_no", "name"], ["12345678901234567890", "云南小粒咖啡"]]))
    assert LiveGoods.objects.get().product_no == "12345678901234567890"


def test_only_the_first_sheet_is_read(tmp_path, xlsx_file):
    path = xlsx_file([["product_no", "name"], ["1", "a"]])
    book = load_workbook(path)
    book.create_sheet("other").append(["x"])
    book.save(path)
    assert len(read_sheet(path).lines) == 1


def test_a_remark_beside_the_table_does_no_harm_in_excel(load, xlsx_file):
    assert load(xlsx_file([["product_no", "name"], ["1", "云南小粒咖啡", None, "老板说先不卖"]])).created == 1


def test_a_fix_only_file_of_an_xlsx_file_is_xlsx_and_imports_cleanly_when_repaired(load, xlsx_file):
    report = load(
        xlsx_file([["商品编号", "商品名称", "价格"], [1, "云南小粒咖啡" * 4, 68], [2, "好咖啡豆", 9.9]])
    )
    book = load_workbook(report.fix_file)
    assert [cell.value for cell in book.active[2]][:3] == ["1", "云南小粒咖啡" * 4, "68"]
    book.active["B2"] = "云南小粒咖啡"
    book.save(report.fix_file)
    again = load(report.fix_file)
    assert (again.updated, again.problems) == (1, [])


def test_the_same_xlsx_file_again_gets_no_second_fix_only_file(load, xlsx_file):
    path = xlsx_file([["商品编号", "商品名称", "备注"], [1, "云南小粒咖啡" * 4, None]])
    assert load(path).fix_file == load(path).fix_file


def test_no_cell_written_as_xlsx_is_a_formula(tmp_path):
    path = tmp_path / "cells.xlsx"
    path.write_bytes(write_sheet(".xlsx", ["a", "b"], [["=1+1", "#N/A"]]))
    assert [cell.data_type for cell in load_workbook(path).active[2]] == ["s", "s"]


# --- files that cannot be imported ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\n ,\n", "empty"),
        (b"product_no,name\n\n", "no rows"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither CSV nor XLSX"),
        (b"PK\x03\x04 cut off", "damaged"),
        (OLE + b"Workbook", ".xls"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    assert sentence in refused(path)


def test_another_zip_file_is_refused(tmp_path):
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert "damaged" in refused(path)


def test_a_damaged_xlsx_file_is_refused(xlsx_file):
    path = xlsx_file([["product_no", "name"], ["1", "a"]])
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 2] = b"\xff" * (len(data) // 2 - len(data) // 3)
    path.write_bytes(data)
    assert "damaged" in refused(path)


def test_a_missing_file_is_refused(tmp_path):
    assert "There is no file" in refused(tmp_path / "nothing.csv")


def test_a_folder_is_refused(tmp_path):
    assert "cannot be read" in refused(tmp_path)


def test_a_file_with_too_many_rows_is_refused(csv_file, monkeypatch):
    monkeypatch.setattr(sheet, "LINES_MOST", 4)
    assert "more than" in refused(csv_file("product_no,name\n1,a\n2,b\n3,c\n"))


def test_a_file_that_is_too_large_is_refused(csv_file, monkeypatch):
    monkeypatch.setattr(sheet, "BYTES_MOST", 10)
    assert "larger than" in refused(csv_file("product_no,name\n1,a\n"))


def test_a_file_without_product_numbers_is_refused_with_its_headings(load, csv_file):
    with pytest.raises(ImportFileError, match=r"product number.*brand, size"):
        load(csv_file("brand,size\nx,1\n"))


def test_a_file_with_nothing_but_product_numbers_is_refused(load, csv_file):
    with pytest.raises(ImportFileError, match="no column to import"):
        load(csv_file("product_no,brand\n1,x\n"))


def test_a_refused_file_stores_nothing(load, csv_file):
    with pytest.raises(ImportFileError):
        load(csv_file('product_no,name\n1,云南小粒咖啡\n2,"\n'))
    assert not LiveGoods.objects.exists()
