from django.contrib import admin

from chat.models import Message, Room


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no argument while Python runs
    list_display = ("name", "owner", "slow_mode_seconds")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012 - Django's way
    filter_horizontal = ("members",)


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no argument while Python runs
    list_display = ("room", "author", "kind", "created_at")
    list_filter = ("room", "kind")
    search_fields = ("text",)
