from django.core.management import call_command
from django.db import migrations


def create_cache_table(apps, schema_editor):
    """The default cache is a table, and every page of the admin asks it whether a worker is alive."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("audits", "0001_initial")]

    operations = [migrations.RunPython(create_cache_table, migrations.RunPython.noop)]
