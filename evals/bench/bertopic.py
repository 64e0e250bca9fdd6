"""The peer of clustering: what BERTopic runs on embeddings (Grootendorst, 2022)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evals.bench.figures import NotMeasured
from retrieval.types import FloatMatrix

_DIMENSIONS, _NEIGHBOURS, _SMALLEST = 5, 15, 10


def bertopic_themes(vectors: FloatMatrix) -> NDArray[np.int64]:
    """Theme of each row, -1 for none: UMAP to 5 dimensions, then HDBSCAN, with its defaults.

    Raises:
        NotMeasured: the libraries are not installed; they are needed by this peer alone.
    """
    try:
        from hdbscan import HDBSCAN
        from umap import UMAP
    except ImportError as error:
        raise NotMeasured("needs the extra: pip install huiyin[bench]") from error
    reduced = UMAP(
        n_neighbors=_NEIGHBOURS, n_components=_DIMENSIONS, min_dist=0.0, metric="cosine"
    ).fit_transform(vectors)
    found: NDArray[np.int64] = HDBSCAN(min_cluster_size=_SMALLEST).fit_predict(reduced)
    return found.astype(np.int64)
