"""Signatures hold for one body, one secret and a few minutes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from service.connectors.webhook_in import sign, verify

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
BODY = '{"text": "你好"}'.encode()
SIGNATURE = sign("s3cret", STAMP, BODY)


def test_the_documented_formula() -> None:
    mac = hmac.new(b"s3cret", f"{STAMP}.".encode() + BODY, hashlib.sha256).hexdigest()
    assert f"v1={mac}" == SIGNATURE


def test_a_genuine_signature_verifies() -> None:
    assert verify("s3cret", STAMP, BODY, SIGNATURE, NOW)


@pytest.mark.parametrize(
    ("secret", "stamp", "body", "signature"),
    [
        ("other", STAMP, BODY, SIGNATURE),
        ("s3cret", str(int(STAMP) + 1), BODY, SIGNATURE),
        ("s3cret", STAMP, BODY + b" ", SIGNATURE),
        ("s3cret", STAMP, BODY, SIGNATURE[:-1] + "x"),
        ("s3cret", STAMP, BODY, SIGNATURE.removeprefix("v1=")),
        ("s3cret", STAMP, BODY, ""),
        ("s3cret", STAMP, BODY, "v1=é\udce9"),
        ("s3cret", "", BODY, sign("s3cret", "", BODY)),
        ("s3cret", "now", BODY, sign("s3cret", "now", BODY)),
        ("s3cret", "-1", BODY, sign("s3cret", "-1", BODY)),
        ("s3cret", "²", BODY, sign("s3cret", "²", BODY)),
        ("s3cret", "9" * 5000, BODY, sign("s3cret", "9" * 5000, BODY)),
    ],
)
def test_anything_else_does_not(secret: str, stamp: str, body: bytes, signature: str) -> None:
    assert not verify(secret, stamp, body, signature, NOW)


@pytest.mark.parametrize(
    ("seconds", "fresh"), [(-301, False), (-299, True), (299, True), (301, False)]
)
def test_the_replay_window(seconds: int, fresh: bool) -> None:
    assert verify("s3cret", STAMP, BODY, SIGNATURE, NOW + timedelta(seconds=seconds)) is fresh


def test_the_window_can_be_set() -> None:
    later = NOW + timedelta(seconds=20)
    assert not verify("s3cret", STAMP, BODY, SIGNATURE, later, tolerance_s=10)
