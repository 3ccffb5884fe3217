from importlib import import_module

from django.db import migrations

# Its table is written again with the permissions that are there by now.
roles = import_module("goods.migrations.0004_roles")


class Migration(migrations.Migration):

    dependencies = [
        ("audits", "0008_hourly_quota"),
        ("goods", "0008_import_store"),
        ("wechat", "0004_callback"),
    ]

    operations = [migrations.RunPython(roles.write, migrations.RunPython.noop)]
