"""Briefs are read by the types of their kind; every mistake names its field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.post import PostBrief, PostRequest, PostVariant
from service.domain.post_inputs import PROBLEMS, accept, is_public_link
from service.domain.post_kind import ChannelFormat, FieldType, PostKind
from service.errors import InvalidInput

ZONE = ZoneInfo("Asia/Shanghai")
BOTH = {"zh": "甲", "en": "A"}
START = datetime(2026, 11, 15, 16, tzinfo=UTC)
WEEK = {"start": START, "end": START + timedelta(days=7)}


def kind(**changes: Any) -> PostKind:
    fields = [{"name": one.value, "type": one, "label": BOTH} for one in FieldType]
    for one in fields:
        if one["type"] is FieldType.CHOICE:
            one["choices"] = [{"value": "ode", "title": BOTH}]
        if one["type"] is FieldType.INT:
            one |= {"least": 1, "most": 50}
    base: dict[str, Any] = {
        "id": "poem", "place": 1, "title": BOTH, "description": BOTH, "tone": BOTH,
        "points": "optional", "period": "optional", "inputs": fields,
        "subject": {"type": "event", "need": "optional", "label": BOTH},
        "lengths": {"long": {"zh": 400, "en": 900}, "chat": {"zh": 100, "en": 200}},
        "outline": [{"of": ["points"]}],
    }  # fmt: skip
    return PostKind.model_validate(base | changes)


def brief(**changes: Any) -> PostBrief:
    return PostBrief.model_validate({"title": "T"} | changes)


def refused(brief: PostBrief, of: PostKind | None = None) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as caught:
        accept(of or kind(), brief, ZONE)
    details = caught.value.details
    assert str(details["field"]) in caught.value.message
    return str(details["field"]), str(details["problem"])


@pytest.mark.parametrize(
    ("name", "raw", "read"),
    [
        ("line", "  一行 ", "一行"),
        ("text", "一\r\n二", "一\n二"),
        ("text", "响\x07铃", "响铃"),
        ("lines", " 一 \n\n  二", "一\n二"),
        ("date", "2026-12-01", "2026-12-01"),
        ("datetime", "2026-12-01T18:00", "2026-12-01T18:00"),
        ("datetime", "2026-12-01 18:00:30", "2026-12-01T18:00"),
        ("datetime", "2026-12-01T18:00:00Z", "2026-12-02T02:00"),
        ("int", "007", "7"),
        ("choice", "ode", "ode"),
        ("url", "https://a.example.com/x?y=1#z", "https://a.example.com/x?y=1#z"),
    ],
)
def test_values_come_into_normal_form(name: str, raw: str, read: str) -> None:
    accepted = accept(kind(), brief(inputs={name: raw}), ZONE)
    assert accepted.inputs == {name: read}
    assert accept(kind(), accepted, ZONE) == accepted


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("line", "一\n二"),
        ("date", "明天"),
        ("date", "2026-02-30"),
        ("datetime", "2026-12-01"),
        ("datetime", "6 pm, tomorrow"),
        ("datetime", "0001-01-01T00:00:00+23:00"),
        ("int", "51"),
        ("int", "0"),
        ("int", "-3"),
        ("int", "٣"),
        ("choice", "sonnet"),
        ("url", "javascript:alert(1)"),
        ("url", "https://user:pw@a.example.com/"),
        ("url", "https://localhost/x"),
        ("url", "https://[::1"),
        ("url", "https://a.example.com/ x"),
    ],
)
def test_a_value_of_the_wrong_type_names_its_field(name: str, raw: str) -> None:
    assert refused(brief(inputs={name: raw})) == (f"inputs.{name}", name)


def test_missing_unknown_and_endless_values_name_their_field() -> None:
    must = {"name": "who", "type": "line", "label": BOTH, "required": True, "max_length": 5}
    strict = kind(inputs=[must])
    assert refused(brief(inputs={"who": " \n"}), strict) == ("inputs.who", "required")
    assert refused(brief(inputs={"who": "xxxxxx"}), strict) == ("inputs.who", "too_long")
    assert refused(brief(inputs={"who": "me", "why": "x"}), strict) == ("inputs.why", "unwanted")


@pytest.mark.parametrize(
    ("changes", "given_", "expected"),
    [
        ({"points": "required"}, {}, ("points", "required")),
        ({"points": "none"}, {"points": ["x"]}, ("points", "unwanted")),
        ({"period": "required"}, {}, ("start", "required")),
        ({"period": "none"}, WEEK, ("start", "unwanted")),
        ({}, {"start": START}, ("end", "required")),
        ({}, {"start": START, "end": START}, ("end", "order")),
        ({}, {"start": START, "end": START + timedelta(days=367)}, ("end", "period")),
        ({}, {"start": "0001-01-01T00:00Z", "end": "0001-01-02T00:00Z"}, ("end", "period")),
        ({"subject": None}, {"subject": "x"}, ("subject", "unwanted")),
        ({}, {"subject": "x\ny"}, ("subject", "line")),
        ({}, {"variants": [{"format": "mail"}]}, ("variants.0.format", "format")),
        ({}, {"variants": [{"format": "chat"}] * 2}, ("variants", "repeated")),
    ],
)
def test_parts_of_a_brief_are_wanted_or_not(
    changes: dict[str, Any], given_: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused(brief(**given_), kind(**changes)) == expected


def test_a_department_is_one_of_ours() -> None:
    about = {"type": "department", "need": "required", "label": BOTH}
    assert refused(brief(), kind(subject=about)) == ("subject", "required")
    assert refused(brief(subject="kitchen"), kind(subject=about)) == ("subject", "choice")
    assert accept(kind(subject=about), brief(subject=" product "), ZONE).subject == "product"


def test_without_variants_the_usual_form_is_drafted() -> None:
    accepted = accept(kind(default_format="chat"), brief(channel="群"), ZONE)
    assert accepted.variants == (PostVariant(format=ChannelFormat.CHAT, channel="群"),)


def test_each_variant_has_a_draft_of_its_own() -> None:
    variants = [{"format": "chat", "channel": "群"}, {"format": "long"}]
    accepted = accept(kind(), brief(variants=variants), ZONE)
    request = PostRequest(
        id="post_1", community="c", brief=accepted, requested_by="x", created_at=START
    )
    assert [one[0] for one in request.variants()] == ["draft_post_1", "draft_post_1_2"]
    assert [one[1] for one in request.variants()] == list(accepted.variants)


@given(st.dictionaries(st.sampled_from(list(FieldType)), st.text(max_size=60)))
def test_whatever_is_given_is_read_again_the_same_or_refused_by_field(
    inputs: dict[str, str],
) -> None:
    given_ = brief(inputs={str(name): text for name, text in inputs.items()})
    accepted = accepted_or_none(given_)
    if accepted is not None:
        assert accept(kind(), accepted, ZONE) == accepted
    else:
        field, problem = refused(given_)
        assert field in {f"inputs.{name}" for name in inputs}
        assert problem in PROBLEMS


def accepted_or_none(brief: PostBrief) -> PostBrief | None:
    try:
        return accept(kind(), brief, ZONE)
    except InvalidInput:
        return None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_links(text: str) -> None:
    assert is_public_link(f"https://a.example.com/{text}") in (True, False)
