"""The application, for ``INSTALLED_APPS``."""

from django.apps import AppConfig


class HearhearConfig(AppConfig):
    """Announces the models, the tag and the check of the settings."""

    name = "hearhear_django"
    verbose_name = "Hearhear"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the check of the settings."""
        from hearhear_django import checks  # noqa: F401, PLC0415 - registers itself
