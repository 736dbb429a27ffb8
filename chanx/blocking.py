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
    except SynchronousOnlyOperation:
        pass
    except PydanticSerializationError as error:
        # pydantic-core keeps of an exception in a serializer no more than this.
        if SynchronousOnlyOperation.__name__ not in str(error):
            raise
    return await database_sync_to_async(function)(*args, **kwargs)
