"""The pages of the host site: log in, log out, and a talk in a page."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import TemplateView

urlpatterns = [
    path("", TemplateView.as_view(template_name="home.html")),
    path("talk/<slug:talk>", TemplateView.as_view(template_name="event.html")),
    path("login", auth.LoginView.as_view(template_name="login.html")),
    path("logout", auth.LogoutView.as_view()),
    path("hearhear/", include("hearhear_django.urls")),
    path("admin/", admin.site.urls),
]
