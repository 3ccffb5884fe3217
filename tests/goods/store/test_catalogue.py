"""Categories, brands and couriers: how they are read, and what can be looked up."""

import json

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from audits.models import Reading
from goods import tasks
from goods.models import Brand, Category, Courier
from goods.store import catalogue
from goods.store.catalogue import brands, category_children, check_cats, find_categories, find_category
from shopadmin.simulator import store_seed
from shopadmin.wechat.client import client_for
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.mini_store.catalogue import CatalogueAPI
from shopadmin.wechat.mini_store.freight import FreightAPI
from tests.journal import calls
from tests.people import browser_of

TREE = CatalogueAPI.CATEGORY
LEVELS_ABOVE_LEAVES = 1 + sum(cat.level < 3 for cat in store_seed.CATEGORIES.values())
TEE = ["7100", "7120", "7121"]
TEA_BRAND = str(store_seed.FIRST_BRAND_ID)
TEA = [str(cat) for cat in store_seed.branch_ids("食品饮料/茶叶/白茶")]


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def tree(account):
    catalogue.read_categories(account)
    return account


@pytest.fixture
def lists(account):
    catalogue.read_lists(account, client_for(account))
    return account


def stale():
    Category.objects.update(children_read_at=timezone.now() - catalogue.FRESH)


# --- reading categories ---


def test_the_whole_tree_is_read_level_by_level(tree, sim):
    shown = {str(cat.cat_id) for cat in store_seed.CATEGORIES.values() if cat.qualified or cat.level < 3}
    assert set(Category.objects.exclude(level=0).values_list("cat_id", flat=True)) == shown
    assert calls(sim, TREE) == LEVELS_ABOVE_LEAVES


def test_it_is_read_once_a_day(tree, sim):
    assert catalogue.read_categories(tree) == 0
    with time_machine.travel(timezone.now() + catalogue.FRESH):
        assert catalogue.categories_due(tree)


def test_a_run_that_ends_early_is_gone_on_with(account, sim):
    sim.next("errcode", path=TREE, errcode=-1, skip=20, times=9)
    with pytest.raises(WeChatError):
        catalogue.read_categories(account)
    sim.clear_next()
    read = Category.objects.exclude(children_read_at=None).count()
    assert catalogue.read_categories(account) == LEVELS_ABOVE_LEAVES - read


def test_without_time_nothing_is_read(account, sim):
    assert (catalogue.read_categories(account, seconds=0), calls(sim, TREE)) == (0, 0)


def test_what_does_not_fit_into_a_run_goes_on_in_the_next(account, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "async_task", lambda name, **_: rung.append(name))
    monkeypatch.setattr(catalogue, "SECONDS", 0)
    tasks.categories()
    assert rung == ["goods.tasks.categories"]


def test_a_pull_asks_for_categories_to_be_read_after_it(account, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "async_task", lambda name, **_: rung.append(name))
    Reading.objects.request(account, "mini_store")
    tasks.pull()
    assert "goods.tasks.categories" in rung


def test_a_finished_run_rings_no_more(account, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "async_task", lambda name, **_: rung.append(name))
    assert (tasks.categories(), rung) == (LEVELS_ABOVE_LEAVES, [])


def test_a_refused_run_waits_for_the_next_day(account, sim, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "async_task", lambda name, **_: rung.append(name))
    sim.next("errcode", path=TREE, errcode=9401021, times=9)
    assert (tasks.categories(), rung) == (0, [])


def test_what_is_gone_is_marked_with_everything_below(tree, monkeypatch):
    rest = {pk: cat for pk, cat in store_seed.CATEGORIES.items() if not str(pk).startswith("71")}
    monkeypatch.setattr("shopadmin.simulator.rules.catalogue.CATEGORIES", rest)
    stale()
    catalogue.read_categories(tree)
    gone = Category.objects.exclude(gone_at=None)
    assert {pk[:2] for pk in gone.values_list("cat_id", flat=True)} == {"71"}
    assert Category.objects.filter(cat_id__in=TEE).count() == 3


def test_what_comes_back_is_there_again_with_everything_below(tree):
    Category.objects.filter(cat_id__startswith="71").update(gone_at=timezone.now())
    stale()
    catalogue.read_categories(tree)
    assert not Category.objects.exclude(gone_at=None).exists()


def test_a_new_name_is_written(tree):
    Category.objects.filter(cat_id="7121").update(name="old")
    stale()
    catalogue.read_categories(tree)
    assert Category.objects.get(cat_id="7121").name == "T恤"


def test_the_command_reads_categories_too(account, sim):
    for _twice in range(2):
        call_command("pull", account=account.pk, family="mini_store", verbosity=0)
    assert (calls(sim, TREE), Brand.objects.count()) == (LEVELS_ABOVE_LEAVES, len(store_seed.BRANDS))


# --- reading brands and couriers ---


def test_brands_and_couriers_are_one_call_each(lists, sim):
    assert (calls(sim, CatalogueAPI.BRAND), calls(sim, FreightAPI.COMPANIES)) == (1, 1)
    assert (Brand.objects.count(), Courier.objects.count()) == (
        len(store_seed.BRANDS),
        len(store_seed.COURIERS),
    )


def test_a_brand_that_is_gone_is_marked_and_not_offered(lists, monkeypatch):
    monkeypatch.setattr("shopadmin.simulator.rules.catalogue.BRANDS", store_seed.BRANDS[1:])
    catalogue.read_lists(lists, client_for(lists))
    assert Brand.objects.get(brand_id=TEA_BRAND).gone_at is not None
    assert not brands(lists).filter(brand_id=TEA_BRAND).exists()


def test_products_are_read_though_brands_are_refused(pulled, sim):
    sim.next("errcode", path=CatalogueAPI.BRAND, errcode=9401021)
    assert pulled().errmsg == ""


# --- looking up ---


def test_children_of_the_root_are_the_first_level(tree):
    assert category_children(tree)[0] == {"id": "7100", "name": "服饰内衣", "leaf": False, "open": True}


def test_the_third_level_is_leaves(tree):
    assert {row["leaf"] for row in category_children(tree, "7120")} == {True}


def test_without_a_qualification_a_category_is_not_open(tree):
    closed = [row["name"] for row in category_children(tree, "7800") if not row["open"]]
    assert closed == ["彩妆香水"]


def test_three_of_one_branch_are_right(tree):
    assert check_cats(tree, "2100000000", TEE) == []


@pytest.mark.parametrize(
    "cats", [["7100", "7110", "7121"], ["7200", "7120", "7121"], ["7120", "7100", "7121"]]
)
def test_three_that_do_not_belong_together_are_told(tree, cats):
    assert check_cats(tree, "", cats) == [
        "The three categories do not belong together. Choose the category again."
    ]


def test_a_category_that_is_gone_is_told(tree):
    Category.objects.filter(cat_id="7121").update(gone_at=timezone.now())
    assert "no longer" in check_cats(tree, "", TEE)[0]


def test_a_category_without_qualification_is_told(tree):
    cats = [str(cat) for cat in store_seed.branch_ids("美妆个护/彩妆香水/口红")]
    assert "must apply" in check_cats(tree, "", cats)[0]


def test_nothing_is_told_before_categories_are_read(account):
    assert check_cats(account, "", ["1", "2", "3"]) == []


def test_nothing_is_told_of_a_branch_that_is_still_to_be_read(tree):
    Category.objects.filter(cat_id__in=["7120"]).update(children_read_at=None)
    Category.objects.filter(parent_id="7120").delete()
    assert check_cats(tree, "", TEE) == []


def test_a_brand_wants_exactly_its_branch(tree, lists):
    assert check_cats(tree, TEA_BRAND, TEA) == []
    assert "食品饮料 › 茶叶 › 白茶" in check_cats(tree, TEA_BRAND, TEE)[0]


def test_a_brand_that_is_not_granted_is_told(tree, lists):
    assert "not granted" in check_cats(tree, "4711", TEE)[0]


@pytest.mark.parametrize("text", ["服饰内衣 › 男装 › T恤", "服饰内衣/男装/T恤", "男装>T恤", "7121"])
def test_a_category_is_found_by_its_path_or_number(tree, text):
    assert find_category(tree, text) == TEE


def test_a_leaf_is_found_by_its_name_if_it_is_the_only_one(tree):
    assert find_category(tree, "白茶") == TEA
    assert find_category(tree, "T恤") == []
    assert len(find_categories(tree, "T恤")) == 2


@pytest.mark.parametrize("text", ["", "男装", "白茶 › 茶叶", "a/b/c/d", "99"])
def test_what_is_no_category_is_not_found(tree, text):
    assert find_category(tree, text) == []


# --- for the picker ---

PICKER = reverse("admin:goods_spu_categories")


def picked(client, **query):
    return json.loads(client.get(PICKER, query).content)


def test_the_picker_gets_one_level(tree):
    rows = picked(browser_of("view_spu"), account=tree.pk, parent="7120")
    assert [row["name"] for row in rows][:2] == ["T恤", "外套"]


def test_the_picker_is_for_who_may_see_products(tree):
    assert browser_of("view_livegoods").get(PICKER, {"account": tree.pk}).status_code == 403


def test_the_picker_needs_an_account(tree):
    assert browser_of("view_spu").get(PICKER).status_code == 404


def test_who_may_change_products_may_have_categories_read_anew(tree):
    assert browser_of("view_spu").post(PICKER, {"account": tree.pk}).status_code == 403
    answer = browser_of("view_spu", "change_spu").post(PICKER, {"account": tree.pk})
    assert (answer.status_code, catalogue.categories_due(tree)) == (302, True)
