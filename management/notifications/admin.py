from django.contrib import admin

from notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes no argument while Python runs
    list_display = ("recipient", "title", "created_at", "read_at")
    list_filter = ("recipient",)
