"""Changes are replayed on the community's own recent cases."""

from service.flows.preview.flow import PreviewFlow

__all__ = ["PreviewFlow"]
