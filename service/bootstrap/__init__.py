"""The only place where adapters meet flows."""

from service.bootstrap.application import Application, Parts
from service.bootstrap.opening import open_application
from service.bootstrap.secrets import Secrets, load_secrets
from service.bootstrap.system import SystemClock, TimeOrderedIds

__all__ = [
    "Application",
    "Parts",
    "Secrets",
    "SystemClock",
    "TimeOrderedIds",
    "load_secrets",
    "open_application",
]
