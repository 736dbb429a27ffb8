"""Overriding chanx's settings in tests."""

from typing import Any

from django.conf import settings
from django.test.utils import TestContextDecorator, override_settings

from chanx.settings import chanx_settings


class override_chanx_settings(TestContextDecorator):  # noqa: N801 - named like Django's override_settings
    """Change keys of ``settings.CHANX`` for a while; the other keys keep their values.

    A decorator for functions, coroutine functions and Django test case classes, and a context manager::

        @override_chanx_settings(SEND_COMPLETION=True)
        async def test_chat() -> None:
            with override_chanx_settings(CAMELIZE=True):
                ...

    Raises :class:`~chanx.exceptions.SettingError` for a name that chanx does not know, or a wrong value.
    """

    def __init__(self, **overrides: Any) -> None:
        self._overrides = overrides
        super().__init__()

    def enable(self) -> None:
        self._override = override_settings(CHANX={**getattr(settings, "CHANX", {}), **self._overrides})
        self._override.enable()
        try:
            chanx_settings.refuse_problems()
        except BaseException:
            self.disable()
            raise

    def disable(self) -> None:
        self._override.disable()
