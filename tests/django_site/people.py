"""Accounts that the site has had for long: run as a program, once."""

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 - after setup
from django.core.management import call_command  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
User.objects.create_user("ann", password="secret", first_name="Ann", last_name="Lee")
User.objects.create_superuser("boss", password="secret")
