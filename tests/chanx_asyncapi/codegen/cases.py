"""Schemas that every generated client must survive, each with values that fit and values that do not.

Shared by all languages. :func:`document` makes an AsyncAPI document of some of them: a message for each, that travels
both ways, whose payload has the schema.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

S: Final = {"type": "string"}
N: Final = {"type": "number"}
I: Final = {"type": "integer"}  # noqa: E741 - beside S and N
B: Final = {"type": "boolean"}
NULL: Final = {"type": "null"}

#: Texts that end literals and comments, or start something, in one language or another.
HOSTILE_TEXT: Final = (
    "*/ process.exit(1); /* ${process.exit(2)} `${process.exit(3)}` \"\"\" ''' '; process.exit(4); // \" \\ \\u0022 "
    '\\" </script> <!-- --> {% x %} {{ y }} %s {0} \u2028 \u2029 \u202e \ufeff \0 \r\n @deprecated\n{@link x}'
)


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def obj(required: str = "", /, **properties: Any) -> dict[str, Any]:
    """An object; ``required`` names properties, separated by spaces."""
    return {"type": "object", "properties": properties, **({"required": required.split()} if required else {})}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One schema."""

    name: str
    schema: Any
    #: Values that fit, and that types take.
    valid: Sequence[Any]
    #: Values that do not fit, and that types refuse.
    invalid: Sequence[Any] = ()
    #: Values that do not fit, but only a validator can tell: lengths, patterns, limits.
    refused: Sequence[Any] = ()
    components: Mapping[str, Any] = field(default_factory=dict)
    #: Codes of the problems that are told about it.
    problems: tuple[str, ...] = ()


def _nullability() -> Iterable[Case]:
    yield Case(
        name="RequiredNullable",
        schema=obj("a", a={"type": ["string", "null"]}),
        valid=[{"a": None}, {"a": "x"}],
        invalid=[{}, {"a": 1}],
    )
    yield Case(name="OptionalNotNullable", schema=obj(a=S), valid=[{}, {"a": "x"}], invalid=[{"a": None}, {"a": 1}])
    yield Case(
        name="OptionalNullable",
        schema=obj(a={"anyOf": [S, NULL], "default": None}),
        valid=[{}, {"a": None}, {"a": "x"}],
        invalid=[{"a": 1}],
    )
    yield Case(
        name="TypeList", schema={"type": ["integer", "string", "null"]}, valid=[1, "x", None], invalid=[True, [], {}]
    )
    yield Case(name="OnlyNull", schema=NULL, valid=[None], invalid=[0, "", False, {}])
    yield Case(
        name="Defaults",
        schema=obj(
            text={**S, "default": HOSTILE_TEXT},
            number={**N, "default": 1.5},
            flag={**B, "default": False},
            list={"type": "array", "items": I, "default": [1, 2]},
            map={"type": "object", "additionalProperties": I, "default": {"a": 1}},
        ),
        valid=[{}, {"text": "x", "number": 2, "flag": True, "list": [], "map": {}}],
        invalid=[{"text": None}, {"number": "2"}, {"list": ["x"]}],
    )


def _maps() -> Iterable[Case]:
    yield Case(
        name="Map",
        schema={"type": "object", "additionalProperties": I},
        valid=[{}, {"a": 1, "b-c": 2}],
        invalid=[{"a": "x"}, [], "x"],
    )
    yield Case(
        name="MapOfObjects",
        schema={"type": "object", "additionalProperties": obj("a", a=S)},
        valid=[{"x": {"a": "y"}}],
        invalid=[{"x": {}}, {"x": "y"}],
    )
    yield Case(name="AnyObject", schema={"type": "object"}, valid=[{}, {"a": [1, None]}], invalid=[1, "x", None])
    yield Case(
        name="Closed",
        schema={**obj("a", a=S), "additionalProperties": False},
        valid=[{"a": "x"}],
        invalid=[{"a": "x", "b": 1}, {}],
    )
    yield Case(
        name="EmptyClosed",
        schema={"type": "object", "additionalProperties": False},
        valid=[{}],
        invalid=[{"a": 1}, 1],
    )
    yield Case(
        name="ExtraAnything",
        schema={**obj("a", a=S), "additionalProperties": True},
        valid=[{"a": "x"}, {"a": "x", "b": [1]}],
        invalid=[{"b": 1}, {"a": 1}],
    )
    yield Case(
        name="ExtraTyped",
        schema={**obj("a", a=S, b=B), "additionalProperties": I},
        valid=[{"a": "x"}, {"a": "x", "b": True, "c": 1}],
        invalid=[{"c": 1}, {"a": "x", "c": None}],
        refused=[{"a": "x", "c": "y"}],
    )
    yield Case(
        name="PatternProperties",
        schema={"type": "object", "patternProperties": {"^x-": I}, "additionalProperties": False},
        valid=[{}, {"x-a": 1}],
        invalid=[{"x-a": "y"}],
        refused=[{"a": 1}],
    )
    yield Case(
        name="PropertyNames",
        schema={"type": "object", "additionalProperties": I, "propertyNames": {"pattern": "^[a-z]+$"}},
        valid=[{"a": 1}],
        invalid=[{"a": "x"}],
        refused=[{"A": 1}],
    )


def _recursion() -> Iterable[Case]:
    yield Case(
        name="Tree",
        schema=ref("Tree"),
        components={"Tree": obj("name", name=S, children={"type": "array", "items": ref("Tree")})},
        valid=[{"name": "a"}, {"name": "a", "children": [{"name": "b", "children": []}]}],
        invalid=[{"name": "a", "children": [{}]}, {}],
    )
    yield Case(
        name="Mutual",
        schema=ref("Left"),
        components={
            "Left": obj(right={"anyOf": [ref("Right"), NULL]}),
            "Right": obj("left", left=ref("Left")),
        },
        valid=[{}, {"right": None}, {"right": {"left": {"right": None}}}],
        invalid=[{"right": {}}, {"right": 1}],
    )
    yield Case(
        name="JsonValue",
        schema=ref("Json"),
        components={
            "Json": {
                "anyOf": [
                    NULL,
                    B,
                    N,
                    S,
                    {"type": "array", "items": ref("Json")},
                    {"type": "object", "additionalProperties": ref("Json")},
                ]
            }
        },
        valid=[None, True, 1.5, "x", [[], {"a": [None]}]],
    )
    yield Case(
        name="SelfMap",
        schema=ref("Nested"),
        components={"Nested": {"type": "object", "additionalProperties": ref("Nested")}},
        valid=[{}, {"a": {"b": {}}}],
        invalid=[{"a": 1}],
    )
    yield Case(
        name="DefinedByItself",
        schema=ref("Circle"),
        components={"Circle": ref("Circle2"), "Circle2": {"anyOf": [ref("Circle"), S]}},
        valid=["x"],
        problems=("asyncapi.W501",),
    )


def _choices() -> Iterable[Case]:
    yield Case(name="TextEnum", schema={"enum": ["a", "b"]}, valid=["a", "b"], invalid=["c", 1, None])
    yield Case(name="EnumWithNull", schema={"enum": ["a", None]}, valid=["a", None], invalid=["b", 0])
    yield Case(
        name="MixedEnum",
        schema={"enum": [1, "1", True, 1.5, None]},
        valid=[1, "1", True, 1.5, None],
        invalid=[2, "2", False],
    )
    yield Case(name="OneValue", schema={"const": "only"}, valid=["only"], invalid=["other", None])
    yield Case(name="ConstNumber", schema={"const": 5}, valid=[5], invalid=[6, "5"])
    yield Case(name="ConstFalse", schema={"const": False}, valid=[False], invalid=[True, 0, None])
    yield Case(name="ConstNull", schema={"const": None}, valid=[None], invalid=[0, False])
    yield Case(
        name="ConstObject", schema={"const": {"a": [1, "x"]}}, valid=[{"a": [1, "x"]}], invalid=[{"a": [1]}, {}, None]
    )
    yield Case(
        name="HostileEnum",
        schema={"enum": [HOSTILE_TEXT, "'", '"', "`", "\\"]},
        valid=[HOSTILE_TEXT, "'", "\\"],
        invalid=["x"],
    )
    yield Case(
        name="LongEnum",
        schema={"type": "string", "enum": [f"value-{number}" for number in range(300)]},
        valid=["value-0", "value-299"],
        invalid=["value-300"],
    )
    yield Case(name="EnumOfItsType", schema={"type": "string", "enum": ["a", 1]}, valid=["a"], invalid=[1, "b"])


def _unions() -> Iterable[Case]:
    pets = {
        "Cat": obj("kind lives", kind={"const": "cat"}, lives=I),
        "Dog": obj("kind", kind={"enum": ["dog", "puppy"]}, name=S),
    }
    yield Case(
        name="Discriminated",
        schema={"discriminator": "kind", "oneOf": [ref("Cat"), ref("Dog")]},
        components=pets,
        valid=[{"kind": "cat", "lives": 9}, {"kind": "puppy"}],
        invalid=[{"kind": "cat"}, {"kind": "fish"}, {}],
    )
    yield Case(
        name="DiscriminatedOrNull",
        schema={"anyOf": [{"discriminator": "kind", "oneOf": [ref("Cat"), ref("Dog")]}, NULL]},
        components=pets,
        valid=[None, {"kind": "dog", "name": "x"}],
        invalid=[{"kind": "dog", "name": 1}, 0],
    )
    yield Case(
        name="NestedUnion",
        schema={"oneOf": [S, {"anyOf": [B, {"type": "array", "items": {"oneOf": [S, NULL]}}]}]},
        valid=["x", True, ["x", None]],
        invalid=[1, [1], None],
    )
    yield Case(
        name="Overlapping",
        schema={"anyOf": [obj("a", a=S), obj("b", b=I)]},
        valid=[{"a": "x"}, {"b": 1}, {"a": "x", "b": 1}],
        invalid=[{}, {"a": 1}],
    )
    yield Case(
        name="FalseDiscriminator",
        schema={"discriminator": "kind", "anyOf": [obj(kind=S, a=I), obj("b", b=I)]},
        valid=[{"kind": "x", "a": 1}, {"b": 1}],
        invalid=[1],
    )
    yield Case(
        name="BesideAlternatives",
        schema={**obj(a=S, b=S), "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        valid=[{"a": "x"}, {"b": "x"}],
        invalid=[{}, {"a": 1}],
    )


def _arrays() -> Iterable[Case]:
    yield Case(name="Texts", schema={"type": "array", "items": S}, valid=[[], ["a"]], invalid=[[1], "a", {}])
    yield Case(name="AnyArray", schema={"type": "array"}, valid=[[], [1, None]], invalid=[{}, "x"])
    yield Case(
        name="ArrayOfUnion", schema={"type": "array", "items": {"anyOf": [S, I]}}, valid=[["a", 1]], invalid=[[None]]
    )
    yield Case(
        name="Pair",
        schema={"type": "array", "items": [S, I], "additionalItems": False, "minItems": 2, "maxItems": 2},
        valid=[["a", 1]],
        invalid=[["a"], ["a", 1, 2], [1, "a"], []],
    )
    yield Case(
        name="TupleWithRest",
        schema={"type": "array", "items": [S], "additionalItems": I, "minItems": 1},
        valid=[["a"], ["a", 1, 2]],
        invalid=[[], ["a", "b"]],
    )
    yield Case(
        name="OptionalItems",
        schema={"type": "array", "items": [S, I], "additionalItems": False, "minItems": 1},
        valid=[["a"], ["a", 1]],
        invalid=[[], ["a", 1, 1]],
    )
    yield Case(
        name="Prefix",
        schema={"type": "array", "prefixItems": [S, B], "items": False, "minItems": 2},
        valid=[["a", True]],
        invalid=[["a"], ["a", True, 1]],
    )
    yield Case(
        name="ListsInMaps",
        schema={
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {"type": "array", "items": [I, I], "additionalItems": False, "minItems": 2},
            },
        },
        valid=[{"a": [[1, 2], [3, 4]]}],
        invalid=[{"a": [[1]]}, {"a": [1]}],
    )


def _composition() -> Iterable[Case]:
    base = {"Base": obj("id", id=I)}
    yield Case(
        name="AllOf",
        schema={"allOf": [ref("Base"), obj("name", name=S)]},
        components=base,
        valid=[{"id": 1, "name": "x"}],
        invalid=[{"id": 1}, {"name": "x"}],
    )
    yield Case(
        name="WrappedReference",
        schema=obj("a", a={"allOf": [ref("Base")], "description": "Beside a reference.", "default": {"id": 1}}),
        components=base,
        valid=[{"a": {"id": 1}}],
        invalid=[{"a": {}}, {}],
    )
    yield Case(
        name="ReferenceSiblings",
        schema=obj(a={**ref("Base"), "description": "Ignored."}, b={**ref("Base"), "minProperties": 5}),
        components=base,
        valid=[{"a": {"id": 1}, "b": {"id": 1}}],
        invalid=[{"a": {}}],
        problems=("asyncapi.W502",),
    )
    yield Case(
        name="AllOfNarrowing",
        schema={"allOf": [obj(a={"type": ["string", "null"]}), obj("a", a=S)]},
        valid=[{"a": "x"}],
        invalid=[{}, {"a": None}],
    )
    yield Case(
        name="Impossible",
        schema={"allOf": [{"anyOf": [S, I]}, {"anyOf": [I, NULL]}]},
        valid=[1],
        problems=("asyncapi.W501",),
    )
    yield Case(
        name="Conditional",
        schema={
            **obj("kind", kind={"enum": ["a", "b"]}),
            "if": obj("kind", kind={"const": "a"}),
            "then": obj("more", more=I),
        },
        valid=[{"kind": "a", "more": 1}, {"kind": "b"}],
        invalid=[{"kind": "c"}, {}],
        refused=[{"kind": "a"}],
        problems=("asyncapi.W502",),
    )
    yield Case(
        name="Not",
        schema={"type": "string", "not": {"const": "x"}},
        valid=["y"],
        invalid=[1],
        refused=["x"],
        problems=("asyncapi.W502",),
    )


def _scalars() -> Iterable[Case]:
    yield Case(
        name="Int64",
        schema={"type": "integer", "format": "int64"},
        valid=[0, -(2**53) + 1],
        invalid=["1"],
        refused=[1.5],
    )
    yield Case(
        name="Limits",
        schema={"type": "integer", "minimum": 1, "maximum": 5},
        valid=[1, 5],
        invalid=["1"],
        refused=[0, 6],
    )
    yield Case(
        name="ExclusiveLimits",
        schema={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "multipleOf": 0.25},
        valid=[0.5],
        invalid=[None],
        refused=[0, 1, 0.3],
    )
    yield Case(
        name="Decimal",
        schema={"type": "string", "format": "decimal", "pattern": r"^-?\d+(\.\d+)?$"},
        valid=["1.50"],
        invalid=[1.5],
        refused=["x"],
    )
    yield Case(
        name="DateTime", schema={"type": "string", "format": "date-time"}, valid=["2025-01-31T12:00:00Z"], invalid=[1]
    )
    yield Case(name="Binary", schema={"type": "string", "format": "binary"}, valid=["YQ=="], invalid=[[]])
    yield Case(
        name="Password", schema={"type": "string", "format": "password", "writeOnly": True}, valid=["x"], invalid=[None]
    )
    yield Case(
        name="Lengths",
        schema={"type": "string", "minLength": 2, "maxLength": 3},
        valid=["ab", "😀😀😀"],
        invalid=[2],
        refused=["a", "abcd", "😀"],
    )
    yield Case(
        name="Unique",
        schema={"type": "array", "items": I, "uniqueItems": True, "maxItems": 3},
        valid=[[1, 2]],
        invalid=["x"],
        refused=[[1, 1], [1, 2, 3, 4]],
    )


def _names() -> Iterable[Case]:
    words = (
        "class",
        "constructor",
        "__proto__",
        "default",
        "prototype",
        "toString",
        "hasOwnProperty",
        "new",
        "get",
        "in",
    )
    pydantic = (
        "model_config",
        "model_dump",
        "copy",
        "json",
        "schema",
        "self",
        "_private",
        "__dunder__",
        "None",
        "list",
        "str",
    )
    odd = ("a-b", "with space", "1st", "größe", "日本", "", "$", "a.b", "'", '"', "*/", "\\", "\n", "${x}", "`")
    for name, keys in (("ReservedWords", words), ("PythonWords", pydantic), ("OddNames", odd)):
        yield Case(
            name=name,
            schema={"type": "object", "properties": dict.fromkeys(keys, I), "required": list(keys)},
            valid=[dict.fromkeys(keys, 1)],
            invalid=[dict.fromkeys(keys, "x"), {}],
        )
    yield Case(
        name="OptionalReservedWords",
        schema={"type": "object", "properties": dict.fromkeys(words, I)},
        valid=[{"class": 1, "default": 2}],
        invalid=[{"class": "x"}],
    )
    yield Case(
        name="ExactPatterns",
        schema={"type": "object", "patternProperties": {r"^\$ref$": S, "^__proto__$": I}, "required": ["$ref"]},
        valid=[{"$ref": "x"}, {"$ref": "x", "__proto__": 1}],
        invalid=[{}, {"$ref": 1}],
    )
    yield Case(
        name="Colliding",
        schema=obj("a b c", a=ref("pkg.a_b.Item"), b=ref("pkg.a.b.Item"), c=ref("pkg.messages.a.b.Item")),
        components={
            "pkg.a_b.Item": obj("x", x=S),
            "pkg.a.b.Item": obj("y", y=S),
            "pkg.messages.a.b.Item": obj("z", z=S),
        },
        valid=[{"a": {"x": "1"}, "b": {"y": "1"}, "c": {"z": "1"}}],
        invalid=[{"a": {"y": "1"}, "b": {"x": "1"}, "c": {"z": "1"}}],
    )
    yield Case(
        name="EqualTitles",
        schema=obj("a b", a={**obj("x", x=S), "title": "Same"}, b={**obj("y", y=I), "title": "Same"}),
        valid=[{"a": {"x": "1"}, "b": {"y": 1}}],
        invalid=[{"a": {"y": 1}, "b": {"x": "1"}}],
    )
    yield Case(
        name="Builtins",
        schema=obj(
            "a b c d e f",
            a=ref("Array"),
            b=ref("Record"),
            c=ref("Promise"),
            d=ref("BaseModel"),
            e=ref("Any"),
            f=ref("Literal"),
        ),
        components={
            name: obj("x", x={"type": "array", "items": S})
            for name in ("Array", "Record", "Promise", "BaseModel", "Any", "Literal")
        },
        valid=[{name: {"x": ["1"]} for name in "abcdef"}],
        invalid=[{name: {"x": [1]} for name in "abcdef"}],
    )
    yield Case(
        name="CaseOnly",
        schema=obj("Name name NAME", Name=I, name=S, NAME=B),
        valid=[{"Name": 1, "name": "x", "NAME": True}],
        invalid=[{"Name": "x", "name": 1, "NAME": True}],
    )


def _anything() -> Iterable[Case]:
    yield Case(name="Anything", schema={}, valid=[None, 1, {"a": []}])
    yield Case(name="TrueSchema", schema=True, valid=[None, "x"])
    yield Case(name="UntypedProperty", schema=obj("a", a={}), valid=[{"a": None}, {"a": 1}], invalid=[{}])
    yield Case(name="NoProperties", schema={"type": "object", "properties": {}}, valid=[{}, {"a": 1}], invalid=[1])
    yield Case(
        name="InlineObjects",
        schema=obj("a", a=obj("b", b=obj("c", c={"type": "array", "items": obj("d", d=S)}))),
        valid=[{"a": {"b": {"c": [{"d": "x"}]}}}],
        invalid=[{"a": {"b": {"c": [{"d": 1}]}}}, {"a": {}}],
    )
    yield Case(
        name="HostileTexts",
        schema={
            **obj(
                "a",
                a={
                    **S,
                    "description": HOSTILE_TEXT,
                    "title": HOSTILE_TEXT,
                    "examples": [HOSTILE_TEXT],
                    "deprecated": True,
                },
            ),
            "description": HOSTILE_TEXT,
            "title": HOSTILE_TEXT,
        },
        valid=[{"a": HOSTILE_TEXT}],
        invalid=[{}],
    )


def _payloads() -> Iterable[Case]:
    yield Case(name="ScalarPayload", schema={"type": "string", "minLength": 1}, valid=["x"], invalid=[1], refused=[""])
    yield Case(
        name="ArrayPayload", schema={"type": "array", "items": obj("a", a=S)}, valid=[[{"a": "x"}]], invalid=[[{}]]
    )
    yield Case(
        name="UnionPayload", schema={"anyOf": [S, obj("a", a=S), NULL]}, valid=["x", {"a": "x"}, None], invalid=[1, {}]
    )


CASES: Final[Sequence[Case]] = [
    case
    for group in (
        _nullability,
        _maps,
        _recursion,
        _choices,
        _unions,
        _arrays,
        _composition,
        _scalars,
        _names,
        _anything,
        _payloads,
    )
    for case in group()
]


def frame(case: Case, payload: Any) -> dict[str, Any]:
    """A frame of the message of a case."""
    return {"action": case.name, "payload": payload}


def document(cases: Iterable[Case] = CASES, **root: Any) -> dict[str, Any]:
    """An AsyncAPI document with one channel, over which the message of each case travels both ways.

    A second channel only sends, and a third has no messages at all.
    """
    schemas: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for case in cases:
        schemas |= case.components
        for side, envelope in (("in", {"id": {"type": "integer"}}), ("out", {"reply_to": {"type": "integer"}})):
            key = f"{case.name}.{side}"
            payload = {
                "type": "object",
                "properties": {"action": {"type": "string", "const": case.name}, "payload": case.schema, **envelope},
                "required": ["action", "payload"],
            }
            messages[key] = {"name": case.name, "payload": payload, "description": HOSTILE_TEXT}
        channel = {"$ref": "#/channels/cases"}
        answer = {"$ref": f"#/channels/cases/messages/{case.name}.out"}
        operations[f"{case.name}.receive"] = {
            "action": "receive",
            "channel": channel,
            "description": HOSTILE_TEXT,
            "messages": [{"$ref": f"#/channels/cases/messages/{case.name}.in"}],
            "reply": {"channel": channel, "messages": [answer]},
        }
    told = {"$ref": "#/components/messages/told"}
    messages["told"] = {
        "name": "told",
        "payload": obj("action", action={"const": "told"}, reply_to={"type": "integer"}),
    }
    operations["told.send"] = {
        "action": "send",
        "channel": {"$ref": "#/channels/telling"},
        "messages": [{"$ref": "#/channels/telling/messages/told"}],
    }
    return {
        "asyncapi": "3.1.0",
        "info": {"title": HOSTILE_TEXT, "version": "1.0.0", "description": HOSTILE_TEXT},
        "servers": {"default": {"host": "localhost:8000", "protocol": "ws"}},
        "channels": {
            "cases": {
                "address": "/cases/{class}/",
                "description": HOSTILE_TEXT,
                "parameters": {"class": {"description": HOSTILE_TEXT}},
                "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in messages if key != "told"},
            },
            "telling": {"address": "/telling/", "messages": {"told": told}},
            "silent": {"address": "/silent/"},
        },
        "operations": operations,
        "components": {"schemas": schemas, "messages": messages},
        "x-envelope": {
            "actionKey": "action",
            "payloadKey": "payload",
            "idKey": "id",
            "replyToKey": "reply_to",
            "idMaxLength": 64,
        },
        "x-close-codes": [
            {"code": 4403, "daphne": 4403, "name": "forbidden", "meaning": HOSTILE_TEXT, "retry": "no"},
        ],
        **root,
    }
