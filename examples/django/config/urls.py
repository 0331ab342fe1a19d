from django.urls import path

from webhooks import views

urlpatterns = [
    # Without a slash at the end: a redirect loses the body.
    path("webhooks/bluum", views.receive),
    path("state", views.show_state),
]
