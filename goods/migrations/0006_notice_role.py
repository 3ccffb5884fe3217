from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from goods.roles import write_roles

APPS = ("goods", "audits", "wechat", "auth", "admin", "axes")


def write(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Groups can only hold permissions that exist, and Django makes these after the last migration."""
    using = schema_editor.connection.alias
    for label in APPS:
        config = apps.get_app_config(label)
        config.models_module = True  # historical apps have none, and are skipped without
        create_permissions(config, verbosity=0, apps=apps, using=using)
        config.models_module = None
    groups = apps.get_model("auth", "Group").objects.using(using)
    write_roles(groups, apps.get_model("auth", "Permission").objects.using(using))


class Migration(migrations.Migration):

    dependencies = [
        ("audits", "0007_notice"),
        ("goods", "0005_list_indexes"),
        ("wechat", "0004_callback"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
