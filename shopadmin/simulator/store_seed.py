"""What every Mini Store here starts with: categories, brands, shelf, couriers and two freight templates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NO_BRAND = 2_100_000_000
STORE_NAME = "演示小商店"
COMPANY_SHOP = 1
LOGO_KEY = "Lg0demo"

# Level 1, level 2, level 3. A star marks a branch that needs a qualification, which this shop lacks.
_TREE: dict[str, dict[str, str]] = {
    "服饰内衣": {
        "女装": "T恤 外套 毛衣针织衫 连衣裙 裤子 半身裙",
        "男装": "T恤 外套 衬衫 卫衣 裤子 西服",
        "内衣": "内裤 文胸 袜子 家居服 保暖内衣",
        "服饰配件": "帽子 围巾 腰带 手套",
    },
    "鞋靴箱包": {
        "男鞋": "休闲鞋 运动鞋 皮鞋 凉鞋",
        "女鞋": "休闲鞋 运动鞋 高跟鞋 凉鞋",
        "箱包": "双肩包 单肩包 拉杆箱 钱包",
    },
    "手机通讯": {
        "手机": "智能手机 老人机 对讲机",
        "手机配件": "手机壳 手机膜 充电器 数据线 移动电源 耳机",
    },
    "电脑办公": {
        "电脑整机": "笔记本 平板电脑 台式机 一体机",
        "电脑配件": "硬盘 内存 显示器 键盘 鼠标 移动存储",
        "办公文教": "打印机 纸张本册 笔类",
    },
    "家用电器": {
        "大家电": "电视 冰箱 洗衣机 空调",
        "厨卫大电": "油烟机 燃气灶 热水器 消毒柜",
        "生活电器": "吸尘器 电风扇 加湿器 取暖器",
        "厨房小电": "电饭煲 电水壶 咖啡机 榨汁机",
    },
    "食品饮料": {
        "茶叶": "白茶 绿茶 红茶 乌龙茶 普洱茶 花草茶",
        "咖啡": "咖啡豆 挂耳咖啡 速溶咖啡",
        "休闲食品": "坚果 糕点 糖果 肉干",
        "粮油调味": "大米 食用油 调味品",
    },
    "家居生活": {
        "茶具咖具": "茶具 咖啡器具 保温杯",
        "厨具": "锅具 刀具 餐具",
        "家纺": "床品 被子 枕头 毛巾",
        "家装家具": "灯具 收纳 桌椅",
    },
    "美妆个护": {
        "护肤": "面霜 面膜 洁面",
        "个人护理": "洗发水 沐浴露 牙膏",
        "*彩妆香水": "口红 香水",
    },
    "母婴玩具": {"玩具": "积木 毛绒玩具 益智玩具", "童装": "上衣 裤子 连体衣", "*奶粉辅食": "婴儿奶粉 米粉"},
    "运动户外": {"运动服饰": "运动服 泳衣", "户外装备": "帐篷 睡袋 登山杖", "健身": "瑜伽垫 哑铃"},
    "本地生活": {"餐饮券": "代金券 套餐券", "休闲券": "门票 健身券"},
    "医药保健": {"*保健食品": "蛋白粉 维生素", "*医疗器械": "血压计 血糖仪", "养生用品": "按摩器 足浴盆"},
}


@dataclass(frozen=True, slots=True)
class Category:
    """One node of the tree. A qualified branch is one that this shop may use."""

    cat_id: int
    parent: int
    name: str
    level: int
    qualified: bool


def _grown() -> Iterator[Category]:
    for first, (root, branches) in enumerate(_TREE.items(), start=71):
        yield Category(first * 100, 0, root, 1, True)
        for second, (branch, leaves) in enumerate(branches.items(), start=1):
            cat_id = first * 100 + second * 10
            qualified = not branch.startswith("*")
            yield Category(cat_id, first * 100, branch.removeprefix("*"), 2, qualified)
            for third, leaf in enumerate(leaves.split(), start=1):
                yield Category(cat_id + third, cat_id, leaf, 3, qualified)


CATEGORIES: Mapping[int, Category] = {category.cat_id: category for category in _grown()}

# Brand, and the branches it is granted for.
_BRANDS = {
    "鼎山茶业": ("食品饮料/茶叶/白茶",),
    "小米": (
        "手机通讯/手机/智能手机",
        "家用电器/大家电/电视",
        "电脑办公/电脑整机/笔记本",
        "家用电器/大家电/空调",
    ),
    "华为": ("手机通讯/手机/智能手机", "电脑办公/电脑整机/平板电脑"),
    "苹果": ("手机通讯/手机/智能手机", "电脑办公/电脑整机/平板电脑", "电脑办公/电脑整机/笔记本"),
    "OPPO": ("手机通讯/手机/智能手机",),
    "三星": ("电脑办公/电脑配件/硬盘", "手机通讯/手机/智能手机"),
    "海澜之家": ("服饰内衣/男装/T恤", "服饰内衣/男装/外套"),
    "七匹狼": ("服饰内衣/男装/外套", "服饰内衣/内衣/内裤"),
    "NIKE": ("鞋靴箱包/男鞋/运动鞋", "鞋靴箱包/男鞋/休闲鞋"),
    "万和": ("家用电器/厨卫大电/热水器", "家用电器/厨卫大电/燃气灶"),
}
FIRST_BRAND_ID = 2_100_045


def branch_ids(names: str) -> tuple[int, int, int]:
    """The three ids of a branch written as 'level 1/level 2/level 3'."""
    ids, parent = [], 0
    for name in names.split("/"):
        parent = next(cat.cat_id for cat in CATEGORIES.values() if cat.parent == parent and cat.name == name)
        ids.append(parent)
    return ids[0], ids[1], ids[2]


# (brand id, brand name, the three category ids), one row per brand and branch, as brand/get shows them.
BRANDS = tuple(
    (brand_id, name, branch_ids(branch))
    for brand_id, (name, branches) in enumerate(_BRANDS.items(), start=FIRST_BRAND_ID)
    for branch in branches
)

# (shelf category, name, parent, level)
SHELF = ((21, "新品上架", 0, 1), (22, "本店热卖", 0, 1), (23, "数码家电", 22, 2), (24, "服饰鞋包", 22, 2))

COURIERS = {
    "SF": "顺丰速运",
    "YTO": "圆通速递",
    "ZTO": "中通快递",
    "STO": "申通快递",
    "YD": "韵达速递",
    "JTSD": "极兔速递",
    "JD": "京东快递",
    "EMS": "中国邮政速递物流",
    "DBL": "德邦快递",
}

_FROM = {"province_name": "福建省", "city_name": "宁德市", "county_name": "福鼎市"}
_PROVINCES_NEAR = ("福建省", "浙江省", "江西省", "广东省")
_PROVINCES_FAR = ("青海省", "宁夏回族自治区", "新疆维吾尔自治区")


def _provinces(names: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"province_name": name, "city_name": "", "county_name": ""} for name in names]


def _charge(provinces: tuple[str, ...], first_price: int, second_price: int) -> dict[str, Any]:
    return {
        "address_info": _provinces(provinces),
        "is_default": not provinces,
        "delivery_id": "",
        "first_val_amount": 1,
        "first_price": first_price,
        "second_val_amount": 1,
        "second_price": second_price,
    }


def _template(name: str, **own: Any) -> dict[str, Any]:
    return {
        "name": name,
        "valuation_type": 1,
        "send_time": 7,
        "address_info": _FROM,
        "delivery_type": 1,
        "delivery_id": [""],
        "shipping_method": 2,
        "all_condition_free_detail": {"condition_free_detail_list": []},
        "all_freight_calc_method": {"freight_calc_method_list": [_charge((), 800, 200)]},
        "is_default": 0,
        "not_send_area": {"address_info": []},
        **own,
    }


_FREE_FROM_99 = {
    "address_infos": _provinces(_PROVINCES_NEAR),
    "min_amount": 9900,
    "valuation_flag": 0,
    "amount_flag": 1,
}

# The two templates of a new shop, without ids and times.
TEMPLATES = (
    _template(
        "江浙闽粤满99包邮",
        is_default=1,
        all_condition_free_detail={"condition_free_detail_list": [_FREE_FROM_99]},
    ),
    _template(
        "按重量计费，西北加价",
        valuation_type=2,
        all_freight_calc_method={
            "freight_calc_method_list": [_charge(_PROVINCES_FAR, 1800, 1200), _charge((), 1000, 400)]
        },
        not_send_area={"address_info": _provinces(("西藏自治区",))},
    ),
)
