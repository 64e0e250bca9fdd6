"""The bundled model: materialised once from its pinned weights package, verified, cached."""

from retrieval.models.folders import verify
from retrieval.models.materialise import Progress, export_hf, fingerprint, materialise

__all__ = ["Progress", "export_hf", "fingerprint", "materialise", "verify"]
