"""Measures of quality that people and judges give: rubrics, agreement, intervals. Pure."""
