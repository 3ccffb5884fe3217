"""Shorter titles and sub-titles for products whose own are too long for WeChat."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goods.demo.data import CATALOGUE
from goods.store.rules import sub_title_problems, title_problems
from goods.store.titles import PROPOSALS_MOST, propose_sub_title, propose_title

with CATALOGUE.open(encoding="utf-8-sig", newline="") as file:
    ROWS = list(csv.DictReader(file))
OVERLONG = {row["product_id"]: row["sub_title"] for row in ROWS if len(row["sub_title"]) > 18}

# Every over-long sub-title of the sample by its product, and the proposal that a clerk would be shown first.
SAMPLE = {
    "26": "AI智慧全面屏 6GB+64GB",
    "27": "骁龙845处理器，红外人脸解锁",
    "28": "8天超长待机，137g轻巧机身",
    "29": "AppleCare+全方位服务计划",
    "30": "2018夏季新品微弹舒适新款短T男生",
    "31": "2018夏季新品短袖T恤男",
    "32": "海澜之家短袖T恤男基础款简约圆领藏青",
    "33": "4K超高清 人工智能网络液晶平板电视",
    "34": "4K超高清 人工智能网络液晶平板电视",
    "35": "男子 休闲鞋 ROSHE RUN",
    "36": "耐克NIKE 男子 气垫 休闲鞋",
    "37": "iPhone14产品领券立减601元",
    "38": "价格优惠，以旧换新至高补贴325元",
    "39": "以旧换新至高补贴1000元",
    "40": "天玑9000+处理器",
    "41": "2K直屏，5500mAh大电量",
    "42": "超光变XMAGE影像，北斗卫星消息",
    "43": "超一级能效零冷水",
    "44": "读速高达3500MB/s，全功率模式",
    "45": "好货不用等",
}


def test_no_title_of_the_sample_is_too_long():
    assert max(len(row["name"]) for row in ROWS) == 57


def test_the_table_has_every_overlong_sub_title_of_the_sample():
    assert sorted(OVERLONG) == sorted(SAMPLE) and len(SAMPLE) == 20


@pytest.mark.parametrize(("number", "proposal"), SAMPLE.items())
def test_an_overlong_sub_title_of_the_sample_gets_one_that_reads_well(number, proposal):
    assert propose_sub_title(OVERLONG[number])[0] == proposal


@pytest.mark.parametrize("text", ["", "匠心剪裁，垂感质地", "云" * 18])
def test_a_sub_title_that_fits_gets_no_proposal(text):
    assert propose_sub_title(text) == []


def test_a_sub_title_that_cannot_be_taken_apart_gets_no_proposal():
    assert propose_sub_title("龘" * 19) == []


def test_of_a_sub_title_neighbouring_clauses_stay_together():
    text = "春茶头采，手工炒制，豆香馥郁，回甘持久，产地直发送礼佳品"
    assert all(found in text for found in propose_sub_title(text))


def test_a_call_to_click_is_never_proposed():
    assert all("点击" not in text for text in propose_sub_title("点击抢购，高山白茶三年陈，点击查看更多详情"))


def test_an_offer_comes_after_what_is_said_of_the_product():
    first, *others = propose_sub_title("满300减30还送茶具，高山白茶三年陈，自然萎凋")
    assert first == "高山白茶三年陈，自然萎凋" and any("满300" in text for text in others)


def test_a_title_that_fits_gets_no_proposal():
    assert propose_title("云" * 60) == []


def test_from_a_title_goes_first_what_says_nothing():
    title = (
        "【现货】小米12 Pro 天玑版 天玑9000+处理器 5000万疾速影像 2K超视感屏 120Hz高刷 旗舰智能手机 双卡双待"
    )
    found = propose_title(title)[0]
    assert "小米12 Pro" in found and "手机" in found and "双卡双待" not in found


def test_an_overlong_title_of_clauses_keeps_its_first_ones():
    title = (
        "福鼎白茶2019年高山寿眉，" * 2
        + "手工压制茶饼三百五十克装，送礼自饮两相宜，干仓存放越陈越香，产地直发，支持品鉴装试饮，茶农自营"
    )
    assert any(text.startswith("福鼎白茶2019年高山寿眉") for text in propose_title(title))


ANY = st.one_of(
    st.text(max_size=120),
    st.text("云南咖啡 aB1【】()（）[]-/+5g，,。！>满减3", max_size=120),
    st.lists(st.sampled_from([*OVERLONG.values(), "包邮", " ", "，", "【", "】"]), max_size=4).map("".join),
)


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_every_proposal_is_one_that_wechat_takes(text):
    assert not [problem for found in propose_sub_title(text) for problem in sub_title_problems(found)]
    assert not [problem for found in propose_title(text) for problem in title_problems(found)]


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_proposals_are_few_and_different(text):
    for found in (propose_sub_title(text), propose_title(text)):
        assert len(found) == len(set(found)) <= PROPOSALS_MOST and all(found)
