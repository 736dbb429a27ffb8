"""From JSON Schema (draft-07) to types.

A type allows what its schema allows, or more: where a keyword has no type in programming languages, clients get the
wider one. What cannot be expressed at all is typed as anything. Both are told as problems, and neither is guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from chanx_asyncapi.codegen.model import (
    ABSENT,
    Array,
    Boolean,
    Choice,
    Never,
    Null,
    Number,
    Object,
    Property,
    Ref,
    Scalar,
    Text,
    Tuple,
    Type,
    Union,
    Unknown,
)
from chanx_asyncapi.codegen.shapes import exact_names, only, simplified, with_references, without
from chanx_asyncapi.instances.merging import ANNOTATIONS, CircleError, flattened, types
from chanx_asyncapi.json_values import as_list, as_object, as_text, identity, is_number
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.source import Source
from chanx_asyncapi.validation.tree import Where

#: Keywords that say which shape a value has, and for which there is no type.
_REFINEMENTS: Final = frozenset({"dependencies", "dependentSchemas", "if", "not"})
#: … and that may allow an object keys which are not among its properties.
_SHAPING: Final = frozenset({"dependencies", "dependentSchemas", "if"})
_OBJECT_KEYWORDS: Final = frozenset({"properties", "patternProperties", "additionalProperties"})
_ARRAY_KEYWORDS: Final = frozenset({"items", "prefixItems", "additionalItems"})


@dataclass(slots=True, kw_only=True)
class Draft:
    """A definition that has no name yet."""

    key: str
    schema: Any
    #: The way to the schema, for problems.
    where: Where
    #: What it is inside of, and the step that leads there; None for a component.
    owner: str | None = None
    step: str = ""
    type: Type = field(default_factory=Unknown)


class Schemas:
    """Makes types of a document's schemas, and collects the definitions that these need."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.drafts: dict[str, Draft] = {}
        self.problems: list[Problem] = []
        self._waiting: list[Draft] = []

    def define(self, key: str, schema: Any, where: Where) -> Ref:
        """A reference to the definition of ``schema``, which is made if it is not there yet."""
        if key not in self.drafts:
            self.drafts[key] = draft = Draft(key=key, schema=schema, where=where)
            self._waiting.append(draft)
        return Ref(key=key)

    def finish(self) -> None:
        """Make the types of all definitions, and of those that they refer to in turn."""
        while self._waiting:
            draft = self._waiting.pop()
            draft.type = self._type(draft.schema, draft, (), named=True)
            # What only a validator can tell may refer to more than the type does.
            draft.schema = with_references(draft.schema, self._key_of)
        self._break_circles()
        for draft in self.drafts.values():
            draft.type = self._with_true_discriminators(draft.type)

    def _key_of(self, reference: Mapping[str, Any]) -> str | None:
        target = self._source.follow(reference)
        if target.where is None or target.lost is not None:
            return None
        key = target.name or "#/" + "/".join(target.where)
        self.define(key, target.value, target.where)
        return key

    def type_of(self, schema: Any, key: str, where: Where) -> Type:
        """The type of a schema that has no place among the definitions; what is inside of it is called by ``key``."""
        return self._type(schema, Draft(key=key, schema=schema, where=where), ())

    def actions(self, type_: Type, key: str) -> tuple[str, ...]:
        """The texts that ``key`` may hold in objects of a type, or nothing when any may be there."""
        type_ = self.resolved(type_)
        if isinstance(type_, Union):
            found = [self.actions(member, key) for member in type_.members]
            return tuple(dict.fromkeys(action for actions in found for action in actions)) if all(found) else ()
        for each in type_.properties if isinstance(type_, Object) else ():
            value = self.resolved(each.type)
            if each.name == key and each.required and isinstance(value, Choice):
                texts = tuple(value for value in value.values if isinstance(value, str))
                return texts if len(texts) == len(value.values) else ()
        return ()

    def resolved(self, type_: Type) -> Type:
        """``type_``, or what it refers to; only after :meth:`finish`, which leaves no circle."""
        while isinstance(type_, Ref):
            type_ = self.drafts[type_.key].type
        return type_

    # Every method below gets the definition that it works for, and the steps from there.

    def _type(self, schema: Any, draft: Draft, steps: Where, *, named: bool = False) -> Type:
        if isinstance(schema, bool):
            return Unknown() if schema else Never()
        if not isinstance(schema, dict):
            return self._inexpressible(draft, steps, "It is no JSON Schema.")
        if "$ref" in schema:
            return self._reference(schema, draft, steps)
        if "allOf" in schema:
            return self._all(schema, draft, steps, named=named)
        if "const" in schema:
            return self._constant(schema["const"], draft, steps, named=named)
        if "enum" in schema:
            return self._choice(schema, draft, steps)
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                return self._alternatives(schema, keyword, draft, steps)
        given = schema.get("type")
        if isinstance(given, list):
            base = without(schema, "type")
            return simplified([self._type({**base, "type": name}, draft, (*steps, str(name))) for name in given])
        return self._of_type(schema, given, draft, steps, named=named)

    def _reference(self, schema: Mapping[str, Any], draft: Draft, steps: Where) -> Type:
        key = self._key_of(schema)
        if key is None:
            self._report(
                Code.UNRESOLVED_REFERENCE, draft, steps, f"{schema['$ref']} leads nowhere.", "Repair the reference."
            )
            return Unknown()
        if ignored := sorted(set(schema) - {"$ref"} - ANNOTATIONS):
            self._wider(draft, steps, ignored, "draft-07 ignores what stands beside a reference")
        return Ref(key=key)

    def _all(self, schema: dict[str, Any], draft: Draft, steps: Where, *, named: bool) -> Type:
        beside = without(schema, "allOf")
        parts = [part for part in as_list(schema["allOf"]) if part is not True and part != {}]
        if len(parts) == 1 and set(beside) <= ANNOTATIONS:
            return self._type(parts[0], draft, steps, named=named)
        try:
            flat, _ = flattened(schema, self._target, frozenset())
        except CircleError:
            return self._inexpressible(draft, steps, "Its allOf leads back to itself.")
        except Exception as error:  # a keyword may hold anything in a document that nobody has validated
            return self._inexpressible(draft, steps, f"Its allOf cannot be read ({type(error).__name__}).")
        rest = as_list(flat.get("allOf"))
        if any(set(as_object(part)) & {"anyOf", "oneOf", "items", "enum", "const"} for part in rest):
            return self._inexpressible(draft, steps, "The parts of its allOf cannot be said in one.")
        if rest:
            self._wider(draft, steps, sorted({name for part in rest for name in as_object(part)}))
        return self._type(without(flat, "allOf"), draft, steps, named=named)

    def _target(self, reference: str) -> Any:
        return self._source.follow({"$ref": reference}).value

    def _constant(self, value: Any, draft: Draft, steps: Where, *, named: bool = False) -> Type:
        if isinstance(value, list):
            items = tuple(self._constant(item, draft, (*steps, str(number))) for number, item in enumerate(value))
            return Tuple(items=items, required=len(items))
        if isinstance(value, dict):
            properties = tuple(
                Property(name=name, type=self._constant(item, draft, (*steps, name)), required=True)
                for name, item in value.items()
            )
            return self._object(Object(properties=properties, closed=True), draft, steps, {"const": value}, named=named)
        return Choice(values=(value,))

    def _choice(self, schema: Mapping[str, Any], draft: Draft, steps: Where) -> Type:
        allowed = types(schema["type"]) if "type" in schema else None
        values = [value for value in as_list(schema["enum"]) if allowed is None or _json_type(value) & set(allowed)]
        distinct = list({identity(value): value for value in values}.values())
        scalars: tuple[Scalar, ...] = tuple(value for value in distinct if not isinstance(value, list | dict))
        others = [value for value in distinct if isinstance(value, list | dict)]
        members: list[Type] = [Choice(values=scalars)] if scalars else []
        members += [self._constant(value, draft, (*steps, str(number))) for number, value in enumerate(others)]
        return simplified(members)

    def _alternatives(self, schema: Mapping[str, Any], keyword: str, draft: Draft, steps: Where) -> Type:
        apart = {keyword, "discriminator", "definitions", "$defs"} | ANNOTATIONS
        beside = {name: value for name, value in schema.items() if name not in apart}
        options = as_list(schema[keyword])
        # What stands beside the alternatives holds for each of them. A type that they have anyway says nothing.
        if set(beside) == {"type"} and all(self._has_type(option, beside["type"]) for option in options):
            beside = {}
        if beside:
            options = [{"allOf": [beside, option]} for option in options]
        members = [self._type(option, draft, (*steps, _step(option, number))) for number, option in enumerate(options)]
        given = schema.get("discriminator")
        return simplified(members, discriminator=as_text(as_object(given).get("propertyName", given)))

    def _has_type(self, option: Any, wanted: Any) -> bool:
        return bool(as_object(self._source.follow(option).value).get("type") == wanted)

    def _of_type(self, schema: Mapping[str, Any], given: Any, draft: Draft, steps: Where, *, named: bool) -> Type:
        if given is None:
            # Strictly, a schema without a type allows values of any; who writes "properties" means an object.
            given = "object" if _OBJECT_KEYWORDS & set(schema) else "array" if _ARRAY_KEYWORDS & set(schema) else None
        if refinements := sorted(_REFINEMENTS & set(schema)):
            self._wider(draft, steps, refinements)
        match given:
            case "object":
                return self._object_type(schema, draft, steps, named=named)
            case "array":
                return self._array_type(schema, draft, steps)
            case "string":
                return Text(
                    format=as_text(schema.get("format")),
                    min_length=_count(schema, "minLength"),
                    max_length=_count(schema, "maxLength"),
                    pattern=as_text(schema.get("pattern")),
                )
            case "integer" | "number":
                return Number(
                    integer=given == "integer",
                    format=as_text(schema.get("format")),
                    minimum=_number(schema, "minimum"),
                    maximum=_number(schema, "maximum"),
                    exclusive_minimum=_number(schema, "exclusiveMinimum"),
                    exclusive_maximum=_number(schema, "exclusiveMaximum"),
                    multiple_of=_number(schema, "multipleOf"),
                )
            case "boolean":
                return Boolean()
            case "null":
                return Null()
            case None:
                return Unknown()
            case _:
                return self._inexpressible(draft, steps, f"No type is called {given!r}.")

    def _object_type(self, schema: Mapping[str, Any], draft: Draft, steps: Where, *, named: bool) -> Type:
        declared = dict(as_object(schema.get("properties")))
        patterns: list[Any] = []
        for pattern, pattern_schema in as_object(schema.get("patternProperties")).items():
            # A pattern that fits one name alone is a property by another name.
            exact = exact_names(pattern)
            if exact is None:
                patterns.append(pattern_schema)
            else:
                declared.setdefault(exact, pattern_schema)
        additional = schema.get("additionalProperties", ABSENT)
        required = [name for name in as_list(schema.get("required")) if isinstance(name, str)]
        for name in required:
            declared.setdefault(name, True if additional in (ABSENT, False) else additional)
        properties = tuple(
            self._property(name, member, name in required, draft, steps) for name, member in declared.items()
        )
        others = [*patterns] if additional is False else [*patterns, *([] if additional is ABSENT else [additional])]
        if patterns and additional is ABSENT:
            others = [True]
        extra = (
            simplified([self._type(other, draft, (*steps, "value")) for other in others])
            if others
            else Unknown()
            if (not properties and additional is ABSENT) or _SHAPING & set(schema)
            else None
        )
        found = Object(properties=properties, extra=extra, closed=additional is False and extra is None)
        return self._object(found, draft, steps, schema, named=named)

    def _property(self, name: str, schema: Any, required: bool, draft: Draft, steps: Where) -> Property:
        said = as_object(schema)
        return Property(
            name=name,
            type=self._type(schema, draft, (*steps, name)),
            required=required,
            description=as_text(said.get("description")),
            deprecated=said.get("deprecated") is True,
            read_only=said.get("readOnly") is True,
            default=said.get("default", ABSENT),
        )

    def _object(self, found: Object, draft: Draft, steps: Where, schema: Any, *, named: bool) -> Type:
        """An object with properties has a name: its own, or one of the steps to it."""
        if named or not found.properties:
            return found
        key = draft.key + "#" + "/".join(steps)
        while key in self.drafts and self.drafts[key].type != found:
            key += "'"
        self.drafts[key] = Draft(
            key=key,
            schema=with_references(schema, self._key_of),
            where=(*draft.where, *steps),
            owner=draft.key,
            step=".".join(steps),
            type=found,
        )
        return Ref(key=key)

    def _array_type(self, schema: Mapping[str, Any], draft: Draft, steps: Where) -> Type:
        items = schema.get("prefixItems", schema.get("items", True))
        least, most = _count(schema, "minItems"), _count(schema, "maxItems")
        if not isinstance(items, list):
            return Array(
                items=self._type(items, draft, (*steps, "item")),
                min_items=least,
                max_items=most,
                unique=schema.get("uniqueItems") is True,
            )
        further = schema.get("items" if "prefixItems" in schema else "additionalItems", True)
        members = tuple(self._type(item, draft, (*steps, str(number))) for number, item in enumerate(items))
        if further is False or (most is not None and most <= len(members)):
            rest = None
        else:
            rest = self._type(further, draft, (*steps, "item"))
        members = members if most is None else members[:most]
        return Tuple(items=members, required=min(least or 0, len(members)), rest=rest)

    def _break_circles(self) -> None:
        """Type the references as anything that lead back to themselves without anything in between."""
        finished: set[str] = set()

        def visit(type_: Type, path: tuple[str, ...]) -> Type:
            if isinstance(type_, Union):
                return simplified([visit(member, path) for member in type_.members], discriminator=type_.discriminator)
            if not isinstance(type_, Ref) or type_.key in finished:
                return type_
            draft = self.drafts[type_.key]
            if type_.key in path:
                draft.schema = True
                return self._inexpressible(draft, (), "It is defined by itself.")
            draft.type = visit(draft.type, (*path, type_.key))
            finished.add(type_.key)
            return type_

        for key in [*self.drafts]:
            visit(Ref(key=key), ())

    def _with_true_discriminators(self, type_: Type) -> Type:
        """``type_`` without a discriminator that does not tell its members apart."""
        match type_:
            case Union():
                members = tuple(map(self._with_true_discriminators, type_.members))
                key = type_.discriminator if self._tells_apart(type_) else None
                return Union(members=members, discriminator=key)
            case Array():
                return Array(
                    items=self._with_true_discriminators(type_.items),
                    min_items=type_.min_items,
                    max_items=type_.max_items,
                    unique=type_.unique,
                )
            case Tuple():
                return Tuple(
                    items=tuple(map(self._with_true_discriminators, type_.items)),
                    required=type_.required,
                    rest=type_.rest and self._with_true_discriminators(type_.rest),
                )
            case Object():
                properties = tuple(
                    only(each, type=self._with_true_discriminators(each.type)) for each in type_.properties
                )
                extra = type_.extra and self._with_true_discriminators(type_.extra)
                return Object(properties=properties, extra=extra, closed=type_.closed)
            case _:
                return type_

    def _tells_apart(self, union: Union) -> bool:
        key = union.discriminator
        values = [self.actions(member, key) for member in union.members] if key is not None else []
        listed = [value for each in values for value in each]
        return all(values) and bool(values) and len(set(listed)) == len(listed)

    def _inexpressible(self, draft: Draft, steps: Where, reason: str) -> Unknown:
        self._report(
            Code.INEXPRESSIBLE_SCHEMA,
            draft,
            steps,
            f"{reason} Clients take any value for it.",
            "Say it in another way, or leave it so: the service is not affected.",
        )
        return Unknown()

    def _wider(self, draft: Draft, steps: Where, keywords: Sequence[str], reason: str = "") -> None:
        self._report(
            Code.WIDER_TYPE,
            draft,
            steps,
            f"No type says what {', '.join(keywords)} say{'s' if len(keywords) == 1 else ''}"
            f"{f': {reason}' if reason else ''}. Types of clients allow more.",
            "Nothing needs to be done: the service checks it, and so do the validators of a client.",
        )

    def _report(self, code: Code, draft: Draft, steps: Where, text: str, way_out: str) -> None:
        self.problems.append(Problem(code=code, where=(*draft.where, *steps), text=text, way_out=way_out))


def _step(option: Any, number: int) -> str:
    """What an alternative is called in a name; a number would change when one is put before it."""
    return as_text(as_object(option).get("title")) or str(number)


def _json_type(value: Any) -> set[str]:
    match value:
        case None:
            return {"null"}
        case bool():
            return {"boolean"}
        case str():
            return {"string"}
        case int():
            return {"integer", "number"}
        case float():
            return {"integer", "number"} if value.is_integer() else {"number"}
        case list():
            return {"array"}
        case _:
            return {"object"}


def _count(schema: Mapping[str, Any], keyword: str) -> int | None:
    value = _number(schema, keyword)
    return int(value) if value is not None else None


def _number(schema: Mapping[str, Any], keyword: str) -> int | float | None:
    value = schema.get(keyword)
    return value if is_number(value) else None
