"""Which taxonomy and which limits are in force.

A file or a setting only proposes. When the service starts, what was in force stays until the change
passed a comparison or an administrator took it over; every process works with what the record says.
"""

from service.flows.in_force.flow import FILES, START, InForceFlow
from service.flows.in_force.look import usable

__all__ = ["FILES", "START", "InForceFlow", "usable"]
