"""Shorter names for products whose names are too long for WeChat."""

import csv
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goods.demo.data import CATALOGUE
from goods.live.name_words import DETAILS, NOUNS
from goods.live.names import PROPOSALS_MOST, propose
from goods.live.rules import name_problems, name_units


def names(name):
    return [proposal.name for proposal in propose(name)]


def first(name):
    return propose(name)[0]


def letters(text):
    return Counter("".join(text.split()))


with CATALOGUE.open(encoding="utf-8-sig", newline="") as file:
    OVERLONG = [row["name"] for row in csv.DictReader(file) if name_units(row["name"]) > 28]

# Every over-long name of the sample, and the proposal that a clerk would be shown first.
SAMPLE = {
    "小米8 全面屏游戏智能手机 6GB+64GB 黑色 全网通4G 双卡双待": "小米8 全面屏游戏智能手机",
    "小米 红米5A 全网通版 3GB+32GB 香槟金 移动联通电信4G手机 双卡双待": "小米 红米5A 3GB+32GB 手机",
    "Apple iPhone 8 Plus 64GB 红色特别版 移动联通电信4G手机": "Apple iPhone 8 Plus 手机",
    "HLA海澜之家简约动物印花短袖T恤": "海澜之家简约动物印花短袖T恤",
    "HLA海澜之家蓝灰花纹圆领针织布短袖T恤": "蓝灰花纹圆领针织布短袖T恤",
    "耐克NIKE 男子 休闲鞋 ROSHE RUN 运动鞋 511881-010黑色41码": "耐克 男子 休闲鞋 ROSHE RUN",
    "耐克NIKE 男子 气垫 休闲鞋 AIR MAX 90 ESSENTIAL 运动鞋 AJ1285-101白色41码": "耐克 男子 气垫 休闲鞋 白色",
    "Apple iPhone 14 (A2884) 128GB 支持移动联通电信5G 双卡双待手机": "Apple iPhone 14 128GB 手机",
    "Apple iPad 10.9英寸平板电脑 2022年款": "Apple iPad 10.9英寸平板电脑",
    "小米 Xiaomi Book Pro 14 2022 锐龙版 2.8K超清大师屏 高端轻薄笔记本电脑": "小米 Book Pro 14 笔记本电脑",
    "小米12 Pro 天玑版 天玑9000+处理器 5000万疾速影像 2K超视感屏 120Hz高刷 67W快充": (
        "小米12 Pro 天玑版 2K超视感屏"
    ),
    "Redmi K50 天玑8100 2K柔性直屏 OIS光学防抖 67W快充 5500mAh大电量": "Redmi K50 OIS光学防抖",
    "HUAWEI Mate 50 直屏旗舰 超光变XMAGE影像 北斗卫星消息": "HUAWEI Mate 50 直屏旗舰",
    "万和（Vanward)燃气热水器天然气家用四重防冻直流变频节能全新升级增压水伺服恒温高抗风": (
        "万和燃气热水器天然气家用节能"
    ),
    "三星（SAMSUNG）500GB SSD固态硬盘 M.2接口(NVMe协议)": "三星500GB SSD固态硬盘M.2接口",
    "OPPO Reno8 8GB+128GB 鸢尾紫 新配色上市 80W超级闪充 5000万水光人像三摄": "OPPO Reno8 8GB+128GB 鸢尾紫",
}


def test_the_table_has_every_overlong_name_of_the_sample():
    assert sorted(OVERLONG) == sorted(SAMPLE) and len(SAMPLE) == 16


@pytest.mark.parametrize(("name", "proposal"), SAMPLE.items())
def test_an_overlong_name_of_the_sample_gets_a_name_that_reads_well(name, proposal):
    assert first(name).name == proposal


@pytest.mark.parametrize("name", ["云南小粒咖啡250g", "云" * 14, "", "   "])
def test_a_name_that_fits_gets_no_proposal(name):
    assert propose(name) == []


def test_a_name_that_cannot_be_taken_apart_gets_no_proposal():
    assert propose("龘" * 15) == []


def test_a_file_as_a_name_is_not_taken_apart():
    assert propose("咖啡 " * 200) == []


def test_a_brand_goes_when_the_rest_says_what_it_is():
    assert "纯棉加厚保暖内衣男士套装" in names("南极人 纯棉加厚保暖内衣男士套装")


@pytest.mark.parametrize("name", ["小米8 全面屏游戏手机 黑色 包邮", "Redmi K50 天玑8100 2K柔性直屏 67W快充"])
def test_a_brand_stays_before_a_bare_model(name):
    assert all(proposal.startswith(name.split()[0]) for proposal in names(name))


def test_of_a_brand_in_two_scripts_the_chinese_one_stays():
    assert first("SUPOR苏泊尔不粘锅电磁炉通用炒锅").name == "苏泊尔不粘锅电磁炉通用炒锅"


def test_a_word_that_is_a_brand_as_well_stays_where_it_is_the_product():
    assert all(name.startswith("小米") for name in names("小米农家自种黄色月子米养胃粥 500g 包邮"))


@pytest.mark.parametrize(
    "part",
    [
        "【买一送一】",
        "（送礼袋）",
        "(送礼袋)",
        "[送礼袋]",
        "500g",
        "10条装",
        "2瓶/箱",
        "250ml*12瓶",
        "礼盒装",
    ],
)
def test_brackets_and_specs_go_first(part):
    proposal = first(f"云南普洱古树小粒挂耳手冲咖啡{part}")
    assert (proposal.name, proposal.dropped) == ("云南普洱古树小粒挂耳手冲咖啡", (part,))


@pytest.mark.parametrize("filler", ["包邮", "爆款", "新款", "官方正品", "🔥🔥"])
def test_words_that_say_nothing_go_first(filler):
    proposal = first(f"{filler}云南普洱古树小粒挂耳手冲咖啡")
    assert (proposal.name, proposal.dropped) == ("云南普洱古树小粒挂耳手冲咖啡", (filler,))


def test_a_word_that_stands_there_twice_stays_once():
    proposal = first("古树红茶 云南凤庆滇红 古树红茶 蜜香")
    assert (proposal.name, proposal.dropped) == ("古树红茶 云南凤庆滇红 蜜香", ("古树红茶",))


def test_one_kind_of_word_is_left_out_before_several_are():
    assert first("【现货】云南普洱古树手冲咖啡豆500g").dropped == ("【现货】",)


def test_several_kinds_are_left_out_when_one_is_not_enough():
    assert first("【现货】云南普洱古树手冲咖啡豆 500g 包邮").dropped == ("【现货】", "包邮")


def test_spaces_alone_may_be_enough():
    proposal = first("云南 普洱 古树小粒 手冲 咖啡豆")
    assert (proposal.name, proposal.dropped) == ("云南普洱古树小粒手冲咖啡豆", ())


def test_a_colour_in_the_middle_of_a_word_is_not_cut_out():
    assert all("银色星芒" in name for name in names("银色星芒刺绣网纱底裤女士性感蕾丝 3条装"))


def test_a_noun_that_only_begins_another_word_is_no_end():
    assert all("手机壳" in name for name in names("苹果手机壳 液态硅胶防摔全包边保护套磁吸 透明"))


WORDS = st.sampled_from(
    [
        *DETAILS,
        *NOUNS,
        "包邮",
        "新款",
        "双卡双待",
        "黑色",
        "香槟金",
        "500g",
        "10条装",
        "2瓶/箱",
        "6GB+64GB",
        "2022年款",
    ]
    + [
        "【现货】",
        "（赠）",
        "(A1)",
        "[x]",
        "【",
        "）",
        "小米",
        "HUAWEI",
        "耐克NIKE",
        "Pro",
        "14",
        "云南",
        "/",
        "+",
        "🔥",
    ]
)
SHOPLIKE = st.lists(st.tuples(WORDS, st.sampled_from(["", " ", "  "])), max_size=16).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)
ANY = st.one_of(SHOPLIKE, st.text(max_size=80), st.text("云南咖啡 aB1【】()（）[]-/+5g克", max_size=60))


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_every_proposal_is_one_that_wechat_takes(name):
    for proposal in propose(name):
        assert list(name_problems(proposal.name)) == [] and proposal.units == name_units(proposal.name)


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_nothing_is_left_out_silently_and_nothing_is_made_up(name):
    for proposal in propose(name):
        assert letters(proposal.name + "".join(proposal.dropped)) == letters(name)


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_proposals_are_few_and_different(name):
    found = names(name)
    assert len(found) == len(set(found)) <= PROPOSALS_MOST
