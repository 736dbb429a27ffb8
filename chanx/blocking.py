"""Work that mostly needs no I/O, and sometimes, because of what applications declare, the database."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from pydantic_core import PydanticSerializationError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def may_block(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Calls a function; once more, in a thread that may use the database, when it turns out to need that.

    Only Django can tell, by its SynchronousOnlyOperation, and it tells before anything has happened. Whoever never
    needs the database never pays for a thread.
    """
    try:
        return function(*args, **kwargs)
    except Exception as error:
        if not needs_thread(error):
            raise
    return await database_sync_to_async(function)(*args, **kwargs)


def needs_thread(error: Exception) -> bool:
    """Whether a call has failed because it needs the database, which it may use in a thread.

    For callers who cannot afford the coroutine of :func:`may_block` where nothing blocks.
    """
    if isinstance(error, SynchronousOnlyOperation):
        return True
    # pydantic-core keeps of an exception in a serializer no more than this.
    return isinstance(error, PydanticSerializationError) and SynchronousOnlyOperation.__name__ in str(error)
