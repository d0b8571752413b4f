"""What records of parameters and sections of a configuration are made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seed = Annotated[int, Field(ge=0, lt=2**63)]


class Section(BaseModel):
    """Immutable section: unknown keys and values of another type are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Frozen(BaseModel):
    """Immutable record: no unknown fields, no coercion of the wrong kind of value."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
