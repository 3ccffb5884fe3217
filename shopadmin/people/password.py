"""Changing one's own password, which Django does without a word in its log."""

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase

# As Django notes it when somebody else sets the password; never a value.
CHANGED = [{"changed": {"fields": ["Password"]}}]


def change_password(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = admin.site.password_change(request)
    if isinstance(response, HttpResponseRedirectBase):
        person = User.objects.get_by_natural_key(request.user.get_username())
        LogEntry.objects.log_actions(person.pk, [person], CHANGE, CHANGED, single_object=True)
    return response
