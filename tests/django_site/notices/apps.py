from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """What the site's editors tell a talk; saved here, said there."""

    name = "django_site.notices"
    label = "notices"

    def ready(self) -> None:
        from django_site.notices import rules  # noqa: F401 - registers itself
