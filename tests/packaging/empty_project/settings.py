"""Its settings. EMPTY_PROJECT_STORAGE names the storage of its static files, EMPTY_PROJECT_ROOT where they go."""

import os

SECRET_KEY = "of a test"
ALLOWED_HOSTS = ["testserver"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "rest_framework",
    "channels",
    "chanx",
    "chanx_asyncapi",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
ROOT_URLCONF = "empty_project.urls"
ASGI_APPLICATION = "empty_project.asgi.application"
STATIC_URL = "/static/"
STATIC_ROOT = os.environ["EMPTY_PROJECT_ROOT"]
STORAGES = {"staticfiles": {"BACKEND": os.environ["EMPTY_PROJECT_STORAGE"]}}
CHANX = {"DOCUMENT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"]}
