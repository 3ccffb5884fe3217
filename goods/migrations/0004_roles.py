from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from goods.roles import remove_roles, write_roles

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


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    remove_roles(apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias))


class Migration(migrations.Migration):

    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("audits", "0005_plan"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0010_accessattemptexpiration"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("goods", "0003_import_run"),
        ("wechat", "0003_second_person"),
    ]

    operations = [migrations.RunPython(write, remove)]
