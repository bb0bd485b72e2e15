"""The schema of the API as rows of a page: FastAPI's own page would load scripts from another host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]
_NAMED = "#/components/schemas/"


@dataclass(frozen=True)
class Words:
    """A piece of a type in words ("list of", "day (YYYY-MM-DD)"); or the name of a shape, to be linked."""

    text: str
    is_shape: bool = False


@dataclass(frozen=True)
class Field:
    """A parameter or field."""

    name: str
    type: tuple[Words, ...]
    needed: bool
    about: str


@dataclass(frozen=True)
class Shape:
    """A JSON object that is sent or got."""

    name: str
    about: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Operation:
    """One address: what to send, what comes back (`gives` names a shape), and every status with its meaning."""

    method: str
    path: str
    title: str
    about: str
    sends: tuple[Field, ...]
    in_body: bool
    gives: str
    statuses: tuple[tuple[str, str], ...]


def described(schema: Schema) -> tuple[tuple[Operation, ...], tuple[Shape, ...]]:
    """The operations of an OpenAPI schema, and the shapes that they give, in the order of the schema."""
    paths = schema["paths"].items()
    operations = tuple(_operation(method, path, told) for path, held in paths for method, told in held.items())
    shapes = tuple(_shape(name, held) for name, held in schema["components"]["schemas"].items())
    return operations, tuple(one for one in shapes if one.fields and not one.name.startswith(("HTTP", "Validation")))


def _operation(method: str, path: str, told: Schema) -> Operation:
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    params = [_field(one["name"], one["schema"], one["required"]) for one in told.get("parameters", ())]
    sends = _shape("", body).fields if body else params
    return Operation(
        method.upper(),
        path,
        told["summary"],
        _line(told.get("description", "")),
        tuple(sorted(sends, key=lambda one: not one.needed)),
        body is not None,
        told["responses"]["200"]["content"]["application/json"]["schema"].get("$ref", "").removeprefix(_NAMED),
        tuple((status, held["description"]) for status, held in sorted(told["responses"].items())),
    )


def _shape(name: str, schema: Schema) -> Shape:
    needed = schema.get("required", ())
    fields = tuple(_field(one, held, one in needed) for one, held in schema.get("properties", {}).items())
    return Shape(name, _line(schema.get("description", "")), fields)


def _field(name: str, schema: Schema, needed: bool) -> Field:
    return Field(name, _typed(schema), needed, _line(schema.get("description", "")))


def _typed(schema: Schema) -> tuple[Words, ...]:
    if "$ref" in schema:
        return (Words(schema["$ref"].removeprefix(_NAMED), is_shape=True),)
    if "anyOf" in schema:
        first, *others = (_typed(one) for one in schema["anyOf"])
        return (*first, *(piece for one in others for piece in (Words("or"), *one)))
    if "enum" in schema:
        return (Words(" | ".join(map(str, schema["enum"]))),)
    kind = str(schema.get("type", ""))
    if kind == "array":
        return (Words("list of"), *_typed(schema.get("items", {})))
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return (*_typed(schema["additionalProperties"]), Words("by name"))
    if schema.get("format") == "date":
        return (Words("day (YYYY-MM-DD)"),)
    longest = f" of at most {schema['maxLength']:,} characters" if "maxLength" in schema else ""
    return (Words({"string": "text", "integer": "number", "boolean": "true or false"}.get(kind, kind) + longest),)


def _line(text: str) -> str:
    return " ".join(text.split())
