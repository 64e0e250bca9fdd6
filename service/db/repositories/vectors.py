"""Vectors as the database keeps them: little-endian float32."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.types import FloatMatrix
from service.db import tables
from service.db.rows import upsert
from service.errors import ConfigurationError
from service.ports.store import VectorRows

_DTYPE = np.dtype("<f4")

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
        rows = [
            {
                "community": community,
                "kind": kind,
                "id": one,
                "fingerprint": fingerprint,
                "content_hash": content_hash,
                "vector": vector.astype(_DTYPE).tobytes(),
            }
            for one, vector, content_hash in zip(ids, vectors, hashes, strict=True)
        ]
        if rows:
            await self._connection.execute(upsert(tables.vectors), rows)

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
