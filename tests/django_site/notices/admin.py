from django.contrib import admin
from django_site.notices.models import Prompt

admin.site.register(Prompt)
