"""DRF serializers as payloads: every field, nested, related, chosen, decorated, and recursive."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.contrib.auth.models import Group, User
from django.core.validators import RegexValidator
from django.db.models import IntegerChoices, TextChoices
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer, inline_serializer
from rest_framework import serializers

from chanx.messages.serialized import Serialized, SerializedBy
from tests.chanx_asyncapi.describe.torture.exchange import exchanges

CONSUMERS, exchange = exchanges(__name__)


class Size(TextChoices):
    SMALL = "s", "Small */"
    LARGE = "l", 'Large """'


class Rank(IntegerChoices):
    FIRST = 1
    SECOND = 2


class PlainSerializer(serializers.Serializer[Any]):
    """Fields of every kind. */ ``` \"\"\" <script>"""

    text_field = serializers.CharField(min_length=2, max_length=5, help_text="A `text`. */")
    blank_text = serializers.CharField(allow_blank=True, default="")
    null_text = serializers.CharField(allow_null=True)
    email = serializers.EmailField(allow_blank=True)
    slug = serializers.SlugField()
    url = serializers.URLField()
    uuid = serializers.UUIDField()
    address = serializers.IPAddressField()
    regex = serializers.RegexField(r"^[a-z]+\Z")
    checked = serializers.CharField(validators=[RegexValidator(r"\A\d+\Z")])
    number = serializers.IntegerField(min_value=-1, max_value=2**40)
    fraction = serializers.FloatField(max_value=1.5)
    amount = serializers.DecimalField(max_digits=6, decimal_places=2, default=Decimal("1.50"))
    exact = serializers.DecimalField(max_digits=6, decimal_places=2, coerce_to_string=False)
    moment = serializers.DateTimeField()
    day = serializers.DateField(default=date(2024, 5, 1))
    clock = serializers.TimeField()
    duration = serializers.DurationField()
    flag = serializers.BooleanField(allow_null=True)
    size = serializers.ChoiceField(Size.choices, allow_blank=True)
    rank = serializers.ChoiceField(Rank.choices, allow_null=True)
    sizes = serializers.MultipleChoiceField(choices=Size.choices)
    numbers = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=3)
    by_key = serializers.DictField(child=serializers.FloatField())
    anything = serializers.JSONField(allow_null=True)
    secret = serializers.CharField(write_only=True)
    shown = serializers.CharField(read_only=True)
    hidden = serializers.HiddenField(default=1)
    __proto__ = serializers.CharField(required=False)


class AuthorSerializer(serializers.ModelSerializer[User]):
    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride]  # DRF's Meta inherits nothing
        model = User
        fields = ("id", "username", "email", "date_joined", "is_active", "groups", "user_permissions")
        read_only_fields = ("date_joined",)


class NestedSerializer(serializers.Serializer[Any]):
    """Serializers in serializers."""

    author = AuthorSerializer(help_text="Who wrote it.")
    maybe_author = AuthorSerializer(allow_null=True, required=False)
    authors = AuthorSerializer(many=True, read_only=True)
    author_list = serializers.ListField(child=AuthorSerializer())
    authors_by_name = serializers.DictField(child=AuthorSerializer())
    group = serializers.SlugRelatedField(slug_field="name", queryset=Group.objects.all())
    group_pks = serializers.PrimaryKeyRelatedField(many=True, queryset=Group.objects.all())
    group_texts = serializers.StringRelatedField(many=True, read_only=True)  # type: ignore[var-annotated]  # has no instance type
    made = serializers.SerializerMethodField()
    made_author = serializers.SerializerMethodField()
    made_inline = serializers.SerializerMethodField()
    raw = serializers.SerializerMethodField()

    def get_made(self, instance: Any) -> list[int] | None: ...

    @extend_schema_field(AuthorSerializer(many=True))
    def get_made_author(self, instance: Any) -> Any: ...

    @extend_schema_field(inline_serializer("Inline", {"inner_key": serializers.IntegerField()}))
    def get_made_inline(self, instance: Any) -> Any: ...

    @extend_schema_field({"type": "object", "properties": {"a_b": {"type": "string", "nullable": True}}})
    def get_raw(self, instance: Any) -> Any: ...


@extend_schema_field(OpenApiTypes.BYTE)
class Bytes(serializers.CharField):
    """A text that stands for bytes."""


@extend_schema_serializer(component_name="Renamed", deprecate_fields=["old"])
class DecoratedSerializer(serializers.Serializer[Any]):
    old = serializers.CharField(required=False)
    typed = Bytes(required=False)


class RecursiveSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()

    def get_fields(self) -> Any:
        children = RecursiveSerializer(many=True, required=False)
        parent = RecursiveSerializer(allow_null=True, required=False)
        return {**super().get_fields(), "children": children, "parent": parent}


class EmptySerializer(serializers.Serializer[Any]):
    pass


exchange("Plain", SerializedBy[PlainSerializer])
exchange("ManyPlain", Annotated[PlainSerializer, Serialized(many=True, min_length=1, max_length=3)])
exchange("PartialPlain", Annotated[PlainSerializer, Serialized(partial=True)])
exchange("Nested", SerializedBy[NestedSerializer])
exchange("OneOfThem", SerializedBy[AuthorSerializer] | SerializedBy[DecoratedSerializer] | None)
exchange("ListOfThem", list[SerializedBy[AuthorSerializer]])
exchange("ByName", dict[str, SerializedBy[AuthorSerializer]])
exchange("Decorated", SerializedBy[DecoratedSerializer])
exchange("Recursive", SerializedBy[RecursiveSerializer])
exchange("Empty", SerializedBy[EmptySerializer])
