"""Deferred work on procrastinate: queue, retries, schedules, workers."""
