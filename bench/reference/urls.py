"""The site's own addresses, and the reference views under /reference/."""

from django.urls import path

from bench.reference import views
from medtour.urls import handler400, handler403, handler404, handler500
from medtour.urls import urlpatterns as site_urls

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("reference/json", views.trivial),
    path("reference/list", views.listed),
    path("reference/next", views.next_free),
    path("reference/search", views.search),
    path("reference/book", views.book),
    path("reference/book-in-one", views.book_in_one),
    *site_urls,
]
