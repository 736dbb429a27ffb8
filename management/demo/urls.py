from django.urls import path

from demo.views import IndexView

urlpatterns = [path("", IndexView.as_view(), name="index")]
