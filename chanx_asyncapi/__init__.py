"""The description of a chanx service: the AsyncAPI document and everything that is made from it.

:mod:`~chanx_asyncapi.spec`, :mod:`~chanx_asyncapi.problems`, :mod:`~chanx_asyncapi.render` and
:mod:`~chanx_asyncapi.validation` work from a document alone: they import neither Django nor :mod:`chanx`.
"""
