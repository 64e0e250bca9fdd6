"""Language by script first, by statistics only where the script cannot tell."""

from __future__ import annotations

import subprocess
import sys

import pytest

from retrieval.language import detect


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("退款多久到账", "zh"),
        ("會員退款規則", "zh"),
        ("这个 feature request 怎么 close 掉", "zh"),
        ("How do I get a refund?", "en"),
        ("refund plz", "en"),
        ("crash login screen android update", "en"),
        ("The 微信 group is full of spam and nobody does anything about it", "en"),
        ("hola amigo como estas hoy", "other"),
        ("Bitte senden Sie mir eine Rechnung", "other"),
        ("こんにちは世界、元気ですか", "other"),
        ("안녕하세요 환불해 주세요", "other"),
        ("где мои деньги", "other"),
        ("", "other"),
        ("12345 !!! 👍", "other"),
    ],
)
def test_detects(text: str, expected: str) -> None:
    assert detect(text) == expected


def test_a_huge_text_is_judged_by_its_beginning() -> None:
    assert detect("退款规则" * 1_000_000) == "zh"


def test_the_statistical_detector_is_not_loaded_for_clear_texts() -> None:
    program = (
        "import sys; from retrieval.language import detect; "
        "detect('退款'); detect('how do I get my refund'); sys.exit('lingua' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
