"""CloudFormation's strings turned into the numbers and booleans that an API takes."""

from __future__ import annotations

from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape


def typed(shape: Shape, value: Any, path: str = "") -> Any:
    """`value` with the types of `shape`; ValueError naming the property that cannot be read or is unknown.

    Templates may give every scalar as a string ("1", "true"), and YAML may give a number for a string.
    """
    if isinstance(shape, StructureShape):
        return _structure(shape, value, path)
    if isinstance(shape, ListShape):
        if not isinstance(value, list):
            raise ValueError(f"Property {path} must be a list, not {value!r}.")
        return [typed(shape.member, item, f"{path}/{index}") for index, item in enumerate(value)]
    if isinstance(shape, MapShape):
        if not isinstance(value, dict):
            raise ValueError(f"Property {path} must be an object, not {value!r}.")
        return {str(key): typed(shape.value, item, f"{path}/{key}") for key, item in value.items()}
    return _scalar(shape, value, path)


def _structure(shape: StructureShape, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"Property {path or 'Properties'} must be an object, not {value!r}.")
    unknown = sorted(set(value) - set(shape.members))
    if unknown:
        raise ValueError(f"Encountered unsupported property {path}{'/' if path else ''}{unknown[0]}")
    return {
        name: typed(shape.members[name], item, f"{path}/{name}" if path else name)
        for name, item in value.items()
        if item is not None
    }


def _scalar(shape: Shape, value: Any, path: str) -> Any:
    kind = shape.type_name
    try:
        if kind == "boolean":
            return value if isinstance(value, bool) else {"true": True, "false": False}[str(value).lower()]
        if kind in ("integer", "long"):
            return _whole(value)
        if kind in ("float", "double"):
            return float(value)
    except (KeyError, ValueError, TypeError):
        raise ValueError(f"Property {path} must be a {kind}, not {value!r}.") from None
    if kind == "string" and isinstance(value, bool):
        return str(value).lower()
    return str(value) if kind == "string" else value


def _whole(value: Any) -> int:
    number = float(value)
    if isinstance(value, bool) or number != int(number):
        raise ValueError(value)
    return int(number)
