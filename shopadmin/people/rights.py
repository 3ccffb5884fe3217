"""Nobody gives away more than they have, nor takes over somebody who may do more."""

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.operations import Text
from goods.roles import BY_NAME, ROLES, permissions_of

ACTIONS = {
    "view": gettext_lazy("may see"),
    "add": gettext_lazy("may add"),
    "change": gettext_lazy("may change"),
    "delete": gettext_lazy("may delete"),
}


def own_permissions(person: User) -> QuerySet[Permission]:
    """Those that this person has, directly or through a role."""
    if person.is_superuser:
        return Permission.objects.all()
    return Permission.objects.filter(Q(user=person) | Q(group__user=person)).distinct()


def groups_within(person: User) -> QuerySet[Group]:
    """The roles that this person may give to others: those that hold nothing beyond their own rights."""
    beyond = Permission.objects.exclude(pk__in=own_permissions(person).values("pk"))
    return Group.objects.filter(~Exists(beyond.filter(group=OuterRef("pk"))))


def grantable(person: User) -> QuerySet[Permission]:
    """What this person may put into a role of the shop's own: out of what our roles know."""
    known = Q()
    for name in permissions_of(ROLES[-1].name):
        app, codename = name.split(".")
        known |= Q(content_type__app_label=app, codename=codename)
    found = Permission.objects.filter(known, pk__in=own_permissions(person).values("pk"))
    return found.select_related("content_type")


def may_manage(actor: User, person: User) -> bool:
    """Setting somebody's password is as good as being them, and so is letting them in again."""
    if actor.is_superuser:
        return True
    # Not has_perm: somebody who was switched off has none for as long as that lasts.
    beyond = own_permissions(person).exclude(pk__in=own_permissions(actor).values("pk"))
    return not person.is_superuser and not beyond.exists()


def role_label(group: Group) -> Text:
    return BY_NAME[group.name].label if group.name in BY_NAME else group.name


def permission_label(permission: Permission) -> str:
    """In the reader's language; Django's own is English and technical."""
    model = permission.content_type.model_class()
    name = model._meta.verbose_name if model else permission.content_type.model
    verb = permission.codename.split("_")[0]
    plain = permission.codename == f"{verb}_{permission.content_type.model}"
    what = ACTIONS[verb] if plain and verb in ACTIONS else _(permission.name)
    return _("%(kind)s: %(what)s") % {"kind": name, "what": what}


def in_order(groups: QuerySet[Group]) -> list[Group]:
    """Ours first, from the least to the most; then those of the shop, by name."""
    order = {role.name: number for number, role in enumerate(ROLES)}
    return sorted(groups, key=lambda group: (order.get(group.name, len(order)), group.name))
