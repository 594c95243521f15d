"""The settings of the host site: a small Django project with accounts of its own."""

import os
from pathlib import Path

DATABASE = os.environ.get("SITE_DATABASE", "")  # host:port/name of a MariaDB, else SQLite in memory
CONTENT = os.environ.get("SITE_CONTENT", "")  # the same of Hearhear's views

SECRET_KEY = "a site of the tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "django_site.urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SESSION_COOKIE_DOMAIN = os.environ.get("SITE_COOKIE_DOMAIN") or None
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
STATIC_URL = "static/"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "hearhear_django",
    "django_site.notices.apps.NoticesConfig",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def on_mariadb(place: str) -> dict[str, object]:
    address, _, name = place.partition("/")
    host, _, port = address.partition(":")
    import pymysql

    pymysql.install_as_MySQLdb()
    return {
        "ENGINE": "django.db.backends.mysql",
        "HOST": host,
        "PORT": port,
        "NAME": name,
        "USER": "root",
        "OPTIONS": {"charset": "utf8mb4"},
    }


DATABASES: dict[str, dict[str, object]] = {
    "default": on_mariadb(DATABASE)
    if DATABASE
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
    "hearhear": on_mariadb(CONTENT)
    if CONTENT
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
}
DATABASE_ROUTERS = ["hearhear_django.routers.ContentRouter"]

HEARHEAR = {
    "URL": os.environ.get("SITE_HEARHEAR_URL", "https://live.example.org"),
    "INTERNAL_URL": os.environ.get("SITE_HEARHEAR_INTERNAL_URL", ""),
    "PRIVATE_KEY": os.environ.get("SITE_PRIVATE_KEY", ""),
    "GROUPS": {"Hosts": "host"},
    "DATABASE": "hearhear",
}
