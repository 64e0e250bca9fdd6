"""Metadata and short names for the columns every table has."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, MetaData
from sqlalchemy.dialects.postgresql import JSONB

from service.db.types import Moment, SafeText

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key(name: str = "id") -> Column[str]:
    """A primary key part."""
    return Column(name, SafeText, primary_key=True)


def text(name: str, *, null: bool = False) -> Column[str]:
    """A text column."""
    return Column(name, SafeText, nullable=null)


def moment(name: str, *, null: bool = False) -> Column[object]:
    """A time column."""
    return Column(name, Moment, nullable=null)


def payload(name: str) -> Column[object]:
    """A frozen value kept whole, as JSON."""
    return Column(name, JSONB, nullable=False)


def ref(name: str, target: str, *, null: bool = False, primary: bool = False) -> Column[str]:
    """A foreign key; what it points to cannot go while this row stands."""
    return Column(name, SafeText, ForeignKey(target), nullable=null, primary_key=primary)


def community() -> Column[str]:
    """The community a row belongs to."""
    return ref("community", "communities.id")
