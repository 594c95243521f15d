"""Posts caught at social networks, a view like the others."""

from django.db import migrations, models

import hearhear_django.content


class Migration(migrations.Migration):
    dependencies = [("hearhear_django", "0001_first")]

    operations = [
        migrations.CreateModel(
            name="Post",
            fields=[
                ("name", models.TextField()),
                ("text", models.TextField()),
                ("at", hearhear_django.content.MomentField(max_length=32)),
                ("second", models.FloatField()),
                ("position", models.BigIntegerField()),
                ("standing", models.CharField(max_length=64)),
                ("edited", models.BooleanField()),
                ("pinned", models.BooleanField()),
                ("hidden", models.BooleanField()),
                ("retracted", models.BooleanField()),
                ("erased", models.BooleanField()),
                (
                    "id",
                    models.CharField(
                        db_column="post", max_length=64, primary_key=True, serialize=False
                    ),
                ),
                ("source", models.CharField(max_length=64)),
                ("url", models.TextField()),
            ],
            options={
                "db_table": "posts",
                "ordering": ["position"],
                "abstract": False,
                "managed": False,
            },
        ),
    ]
