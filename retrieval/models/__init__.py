"""The bundled model: materialised once from its pinned weights package, verified, cached."""

from retrieval.models.materialise import Progress, fingerprint, materialise, verify

__all__ = ["Progress", "fingerprint", "materialise", "verify"]
