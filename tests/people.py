"""Words for tests of the admin's pages: who is logged in, what a page says, what it costs."""

from typing import Any

from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

LIST = reverse("admin:goods_livegoods_changelist")
ADD = reverse("admin:goods_livegoods_add")


def browser_of(*permissions: str) -> Client:
    """A browser in which somebody of the staff is logged in who has these permissions only."""
    user = User.objects.create_user(f"somebody{User.objects.count()}", is_staff=True)
    found = Permission.objects.filter(codename__in=permissions)
    assert len(found) == len(permissions)
    user.user_permissions.set(found)
    client = Client()
    client.force_login(user)
    return client


def form_of(record: Any) -> str:
    """The address of a record's page."""
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def choose(client: Client, action: str, *records: Any, query: str = "", **fields: Any) -> Any:
    """Tick records in the list and run a bulk action."""
    data = {"action": action, "_selected_action": [record.pk for record in records], **fields}
    return client.post(LIST + query, data, follow=True)


def text(response: Any) -> str:
    return response.content.decode()


def said(response: Any) -> list[str]:
    """The messages at the top of the page."""
    return [str(message) for message in response.context["messages"]]


def queries(client: Client, url: str) -> int:
    """How many queries a page costs, once everything that is cached is warm."""
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)
