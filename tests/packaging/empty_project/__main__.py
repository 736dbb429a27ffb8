"""``python -m empty_project`` collects the static files, and prints the page and where it came from, as JSON."""

import json

import django
from django.core.management import call_command
from django.test import Client

import chanx_asyncapi

django.setup()
call_command("collectstatic", interactive=False, verbosity=0)
response = Client().get("/ws-docs/")
found = {"status": response.status_code, "page": response.content.decode(), "package": chanx_asyncapi.__file__}
print(json.dumps(found))
