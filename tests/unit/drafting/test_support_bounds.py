"""Which side of a limit a claim is on."""

from __future__ import annotations

import pytest

from service.drafting.support.bounds import crossed
from service.drafting.support.quantities import quantities

ZH = "年卡在购买后 7 天内且使用不超过 50 次，可以无理由全额退款"
EN = "A plan can be refunded within 14 days if no more than 20 exports were made"


@pytest.mark.parametrize(
    ("claim", "source", "apart"),
    [
        ("你买了超过 7 天，所以可以无理由全额退款", ZH, True),
        ("七天以后也能全额退款", ZH, True),
        ("使用超过 50 次，可以全额退款", ZH, True),
        ("7 天内可以退款", ZH, False),
        ("购买 7 天以内，使用不超过 50 次，能退", ZH, False),
        ("超过 7 天就不能退款了", ZH, False),
        ("七天之后不退", ZH, False),
        ("超过 8 天可以退款", ZH, False),
        ("A refund is possible more than 14 days later", EN, True),
        ("You can have a refund for up to 14 days", EN, False),
        ("With more than 20 exports a refund is possible", EN, True),
        ("A refund is not possible after more than 14 days", EN, False),
        ("两周之后可以退款", EN, True),
        ("满 7 天后可以退款", "购买 7 天内可以退款，超过 7 天按比例退", False),
    ],
)
def test_the_other_side_of_a_limit(claim: str, source: str, apart: bool) -> None:
    assert crossed(claim, quantities(claim), source, quantities(source)) is apart
