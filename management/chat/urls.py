"""The REST routes of the chat."""

from django.urls import path

from chat.views import AnnouncementListView, MemberListView, MessageListView, MessageView, RoomListView, RoomView

urlpatterns = [
    path("rooms/", RoomListView.as_view(), name="room-list"),
    path("rooms/<int:pk>/", RoomView.as_view(), name="room"),
    path("rooms/<int:pk>/members/", MemberListView.as_view(), name="room-members"),
    path("rooms/<int:pk>/announcements/", AnnouncementListView.as_view(), name="room-announcements"),
    path("rooms/<int:pk>/messages/", MessageListView.as_view(), name="room-messages"),
    path("rooms/<int:room_pk>/messages/<int:pk>/", MessageView.as_view(), name="room-message"),
]
