from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audits", "0002_cache_table")]

    operations = [
        migrations.AddField("batch", "paused_at", models.DateTimeField(null=True, verbose_name="paused")),
        migrations.AddField(
            "batch",
            "paused_by_name",
            models.CharField(blank=True, max_length=150, verbose_name="paused by"),
        ),
        migrations.AddField(
            "batch", "cancelled_at", models.DateTimeField(null=True, verbose_name="cancelled")
        ),
        migrations.AddField(
            "batch",
            "cancelled_by_name",
            models.CharField(blank=True, max_length=150, verbose_name="cancelled by"),
        ),
        migrations.AddIndex(
            "batch",
            models.Index(
                condition=models.Q(("paused_at__isnull", False)), fields=["id"], name="batch_paused"
            ),
        ),
    ]
