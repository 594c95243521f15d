"""Commands of the site's own ``manage.py``."""
