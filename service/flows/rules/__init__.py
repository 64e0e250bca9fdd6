"""One use case: rule documents are uploaded, compared, published and retired."""

from service.flows.rules.flow import RulesFlow, Upload, Uploaded
from service.flows.rules.policy import PolicyOf

__all__ = ["PolicyOf", "RulesFlow", "Upload", "Uploaded"]
