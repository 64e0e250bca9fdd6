"""Vectors as the database keeps them: little-endian float32."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.types import FloatMatrix
from service.db import tables
from service.errors import ConfigurationError
from service.ports.store import VectorRows

_DTYPE = np.dtype("<f4")

# One array a column: a statement a row takes several times as long.
_PUT = text("""
    INSERT INTO vectors (community, kind, id, fingerprint, content_hash, vector)
    SELECT :community, :kind, new.id, :fingerprint, new.content_hash, new.vector
    FROM unnest(CAST(:ids AS text[]), CAST(:hashes AS text[]), CAST(:vectors AS bytea[]))
        AS new (id, content_hash, vector)
    ON CONFLICT (community, kind, id) DO UPDATE SET fingerprint = excluded.fingerprint,
        content_hash = excluded.content_hash, vector = excluded.vector
""")

# Distinct values by skipping through the index: a plain DISTINCT reads every row.
_FINGERPRINTS = text("""
    WITH RECURSIVE found AS (
        (SELECT fingerprint FROM vectors ORDER BY fingerprint LIMIT 1)
        UNION ALL
        SELECT (SELECT v.fingerprint FROM vectors v WHERE v.fingerprint > found.fingerprint
                ORDER BY v.fingerprint LIMIT 1)
        FROM found WHERE found.fingerprint IS NOT NULL
    )
    SELECT fingerprint FROM found WHERE fingerprint IS NOT NULL
""")


class SqlVectors:
    """See `service.ports.store.Vectors`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(
        self,
        community: str,
        kind: str,
        ids: Sequence[str],
        vectors: FloatMatrix,
        *,
        fingerprint: str,
        hashes: Sequence[str],
    ) -> None:
        if len(ids):
            flat = [vector.astype(_DTYPE).tobytes() for vector in vectors]
            given = {"ids": list(ids), "hashes": list(hashes), "vectors": flat}
            shared = {"community": community, "kind": kind, "fingerprint": fingerprint}
            await self._connection.execute(_PUT, given | shared)

    async def load(
        self, community: str, kind: str, *, ids: Collection[str] | None = None
    ) -> VectorRows:
        """See the port.

        Raises:
            ConfigurationError: the rows come from embedders of different width.
        """
        v = tables.vectors.c
        query = select(v.id, v.vector).where(v.community == community, v.kind == kind)
        if ids is not None:
            query = query.where(v.id.in_(ids))
        rows = (await self._connection.execute(query.order_by(v.seq))).all()
        return VectorRows(tuple(row[0] for row in rows), _matrix([row[1] for row in rows]))

    async def hashes(self, community: str, kind: str) -> Mapping[str, tuple[str, str]]:
        v = tables.vectors.c
        query = select(v.id, v.fingerprint, v.content_hash)
        result = await self._connection.execute(
            query.where(v.community == community, v.kind == kind)
        )
        return {row[0]: (row[1], row[2]) for row in result}

    async def count(self, community: str, kind: str) -> int:
        v = tables.vectors.c
        query = select(func.count()).where(v.community == community, v.kind == kind)
        return int(await self._connection.scalar(query) or 0)

    async def fingerprints(self) -> frozenset[str]:
        return frozenset((await self._connection.execute(_FINGERPRINTS)).scalars())

    async def remove(self, community: str, kind: str, ids: Collection[str]) -> None:
        v = tables.vectors.c
        await self._connection.execute(
            delete(tables.vectors).where(v.community == community, v.kind == kind, v.id.in_(ids))
        )


def _matrix(rows: Sequence[bytes]) -> FloatMatrix:
    if not rows:
        return np.empty((0, 0), dtype=np.float32)
    if len({len(row) for row in rows}) > 1:
        raise ConfigurationError("Stored vectors differ in width; run `huiyin reindex`.")
    flat = np.frombuffer(b"".join(rows), dtype=_DTYPE)
    return flat.reshape(len(rows), -1).astype(np.float32, copy=False)
