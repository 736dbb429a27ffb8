from django.urls import path

from demo.views import ChatView, IndexView, TokenView

urlpatterns = [
    path("", IndexView.as_view(), name="index"),
    path("chat/<int:pk>/", ChatView.as_view(), name="chat"),
    path("api/demo-token/", TokenView.as_view(), name="demo-token"),
]
