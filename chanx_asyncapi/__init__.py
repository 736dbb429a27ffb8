"""The description of a chanx service: the AsyncAPI document and everything that is made from it.

:func:`~chanx_asyncapi.overrides.asyncapi` is the one name to import from here.

:mod:`~chanx_asyncapi.spec`, :mod:`~chanx_asyncapi.problems`, :mod:`~chanx_asyncapi.reading`,
:mod:`~chanx_asyncapi.render`, :mod:`~chanx_asyncapi.validation`, :mod:`~chanx_asyncapi.reporting` and the command in
:mod:`~chanx_asyncapi.cli` work from a document alone: they import neither Django nor :mod:`chanx`.
"""

from chanx_asyncapi.overrides import asyncapi

__all__ = ["asyncapi"]
