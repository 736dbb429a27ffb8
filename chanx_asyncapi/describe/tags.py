"""Tags: which ones a consumer has, and all that a document uses in its ``info``."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps

from chanx_asyncapi.overrides import override_of
from chanx_asyncapi.spec import Channel, Info, Message, Operation, Tag


def application_label(cls: type[Any]) -> str | None:
    """The label of the application to whose package a class belongs."""
    config = apps.get_containing_app_config(f"{cls.__module__}.{cls.__qualname__}")
    return None if config is None else config.label


def tags_of(consumer: type[Any]) -> tuple[str, ...]:
    """The tags of a consumer: those of ``@asyncapi``, or else the label of its application."""
    given = override_of(consumer).tags
    if given is not None:
        return given
    label = application_label(consumer)
    return () if label is None else (label,)


def with_tags(info: Info, *tagged: Iterable[Channel | Operation | Message]) -> Info:
    """``info`` with those tags of channels, operations and messages that its settings do not describe."""
    described = {tag.name for tag in info.tags if isinstance(tag, Tag)}
    used = (tag for objects in tagged for each in objects for tag in each.tags if isinstance(tag, Tag))
    others = dict.fromkeys(tag.name for tag in used if tag.name not in described)
    return info.model_copy(update={"tags": (*info.tags, *(Tag(name=name) for name in others))}) if others else info
