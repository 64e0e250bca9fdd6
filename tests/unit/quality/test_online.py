"""What became of drafts: shares, times and distances, each with what is known of it."""

from __future__ import annotations

import pytest

from service.domain.base import Lang
from service.domain.quality import DecidedText, SplitBy
from service.quality.online import FEW, online_figures


def decided(verdict: str, last: str = "abcd", **more: object) -> DecidedText:
    plain = DecidedText(
        template="reply/grounded.zh", version=1, category="chat", lang=Lang.ZH,
        verdict=verdict, seconds=60, first="abcd", last=last,
    )  # fmt: skip
    return plain.model_copy(update=more)


def test_an_edit_counts_as_one_whatever_the_verdict_is_called() -> None:
    texts = [decided("approve"), decided("approve", "abxx"), decided("approve_edited", "abcx")]
    (found,) = online_figures([*texts, decided("reject", seconds=600)])
    shares = (found.accepted.value, found.edited.value, found.rejected.value)
    assert shares == (0.25, 0.5, 0.25)
    assert found.distance.value == pytest.approx((0.5 + 0.25) / 2)
    assert (found.seconds.value, found.n, found.few) == (60, 4, True)
    assert found.accepted.low is not None
    assert found.distance.low is None


def test_groups_and_their_order() -> None:
    texts = [decided("approve")] * FEW + [decided("reject", version=2, lang=Lang.EN)]
    assert [(one.version, one.few) for one in online_figures(texts)] == [(2, True), (1, False)]
    split = online_figures([*texts, decided("reject", category="praise")], SplitBy.CATEGORY)
    assert [(one.version, one.category) for one in split] == [
        (2, "chat"), (1, "chat"), (1, "praise"),
    ]  # fmt: skip
    (only,) = online_figures([decided("reject")], SplitBy.LANG)
    assert (only.lang, only.distance.value) == (Lang.ZH, None)
    assert online_figures([]) == ()
