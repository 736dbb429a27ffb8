"""Measures in a process of its own what an import adds to a Django project; prints CPU seconds.

A script for the interpreter of any environment: it knows nothing of this repository.
"""

import argparse
import time
from importlib import import_module
from typing import Final

#: What a project with typed consumers on Channels and DRF imports anyway.
_PROJECT: Final = (
    "channels.generic.websocket",
    "channels.layers",
    "channels.routing",
    "rest_framework.authentication",
    "rest_framework.permissions",
    "rest_framework.throttling",
    "rest_framework.views",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", nargs="*", default=[], help="modules to load before the clock starts")
    parser.add_argument("--modules", nargs="+", required=True, help="what is measured")
    options = parser.parse_args()
    _set_up_project()
    for module in options.before:
        import_module(module)
    start = time.process_time()
    for module in options.modules:
        import_module(module)
    print(time.process_time() - start)


def _set_up_project() -> None:
    import django
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "rest_framework",
            "channels",
        ]
    )
    django.setup()
    for module in _PROJECT:
        import_module(module)
    # pydantic imports most of itself with its first model.
    from pydantic import create_model

    create_model("WarmUp", number=(int, 1))


if __name__ == "__main__":
    main()
