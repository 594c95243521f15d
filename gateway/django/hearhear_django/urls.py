"""Routes, to be included wherever the site likes: ``path("hearhear/", include(...))``."""

from django.urls import path

from hearhear_django import views

app_name = "hearhear"
urlpatterns = [
    path("ticket", views.ticket, name="ticket"),
    path("session", views.session, name="session"),
    path("enter/<slug:talk>", views.enter, name="enter"),
]
