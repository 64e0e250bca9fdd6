"""Signed webhooks: make and check signatures.

The signature is `v1=` and the HMAC-SHA256 (hex) of `<timestamp>.<body>` under a shared secret; the
timestamp is whole Unix seconds, as text.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

TIMESTAMP_HEADER = "X-Huiyin-Timestamp"
SIGNATURE_HEADER = "X-Huiyin-Signature"

_LONGEST_TIMESTAMP = 12


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature header's value."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={digest.hexdigest()}"


def verify(
    secret: str,
    timestamp: str,
    body: bytes,
    signature: str,
    now: datetime,
    tolerance_s: float = 300,
) -> bool:
    """Whether the body was signed with this secret, at most `tolerance_s` seconds from `now`.

    Compares in constant time. A repeat inside the window still verifies: ingest knows the
    messages by their external ids and stores none twice.
    """
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > _LONGEST_TIMESTAMP:
        return False
    expected = sign(secret, timestamp, body)
    genuine = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
    return genuine and abs(now.timestamp() - int(timestamp)) <= tolerance_s
