"""What records of parameters and sections of a configuration are made of."""

from collections.abc import Collection, Iterable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Seed = Annotated[int, Field(ge=0, lt=2**63)]


class Section(BaseModel):
    """Immutable section: unknown keys and values of another type are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Frozen(BaseModel):
    """Immutable record: no unknown fields, no coercion of the wrong kind of value."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def either(names: Iterable[str]) -> str:
    """Return ``'a', 'b' or 'c'``."""
    *others, last = (repr(name) for name in names)
    return f"{', '.join(others)} or {last}" if others else last


def one_of(names: Collection[str]) -> BeforeValidator:
    """Accept these strings alone, such as the keys of a table: with the message of a Literal of them."""

    def checked(value: Any) -> Any:
        if isinstance(value, str) and value in names:
            return value
        raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": either(names)})

    return BeforeValidator(checked)
