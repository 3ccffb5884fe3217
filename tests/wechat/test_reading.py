"""Values of WeChat's answers, however it writes them."""

import pytest

from shopadmin.wechat.reading import as_id


@pytest.mark.parametrize("written", [18446744073709551615, "18446744073709551615", " 18446744073709551615 "])
def test_an_id_beyond_2_to_the_63_is_kept_exactly(written):
    assert as_id(written) == "18446744073709551615"


def test_an_id_too_long_for_a_column_counts_as_none():
    assert as_id("9" * 65) == ""
