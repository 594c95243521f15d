"""Views for Hearhear and its pages: a ticket, whose session it is, and a way over there."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from hearhear_django.conf import configuration
from hearhear_django.people import told
from hearhear_django.tickets import LASTS, ticket_for


@never_cache
@require_GET
def ticket(request: HttpRequest) -> HttpResponse:
    """Give whoever is logged in a token for the next minute; scripts of this site ask for it."""
    if not _user(request).is_authenticated:
        return _nobody()
    lasts_s = int(LASTS.total_seconds())
    return JsonResponse({"ticket": ticket_for(_user(request)), "expires_in_s": lasts_s})


@never_cache
@require_GET
def session(request: HttpRequest) -> HttpResponse:
    """Tell Hearhear whose session the cookie holds: its ``HEARHEAR_SITE_SESSION_URL``."""
    if not _user(request).is_authenticated:
        return _nobody()
    return JsonResponse(told(_user(request)))


@never_cache
@require_GET
@login_required
def enter(request: HttpRequest, talk: str) -> HttpResponse:
    """Send whoever is logged in to a talk, with a code in the fragment that works once."""
    page = f"{configuration().url.rstrip('/')}/talks/{talk}"
    return HttpResponseRedirect(f"{page}#code={ticket_for(_user(request))}")


def _user(request: HttpRequest) -> Any:
    return request.user


def _nobody() -> HttpResponse:
    return JsonResponse({"detail": "nobody is logged in"}, status=401)
