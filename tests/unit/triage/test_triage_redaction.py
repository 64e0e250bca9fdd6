"""The choke point: everything personal goes, everything else stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.triage.build import build_redactor
from service.triage.redaction import TOKEN

REDACTOR = build_redactor()

PERSONAL = [
    ("PHONE", "打我电话13812345678吧", "13812345678"),
    ("PHONE", "手机 +86 138-1234-5678", "+86 138-1234-5678"),
    ("PHONE", "１３８１２３４５６７８ 找我", "１３８１２３４５６７８"),
    ("PHONE", "号码138\u200b1234\u200b5678", "138\u200b1234\u200b5678"),
    ("PHONE", "电话一三八一二三四五六七八", "一三八一二三四五六七八"),
    ("PHONE", "家里座机 010-62345678", "010-62345678"),
    ("PHONE", "call me at 415-555-0132 today", "415-555-0132"),
    ("PHONE", "my number is +44 20 7946 0958", "+44 20 7946 0958"),
    ("PHONE", "WhatsApp +1 (415) 555-2671", "+1 (415) 555-2671"),
    ("ID_CARD", "身份证11010519491231002X", "11010519491231002X"),
    ("BANK_CARD", "卡号 6222 0212 3456 7890 128", "6222 0212 3456 7890 128"),
    ("BANK_CARD", "my card 4111 1111 1111 1111", "4111 1111 1111 1111"),
    ("WECHAT", "加我微信：wxid_abc123", "wxid_abc123"),
    ("WECHAT", "薇信号 hello_2020", "hello_2020"),
    ("WECHAT", "加V：xiaomei88", "xiaomei88"),
    ("QQ", "QQ：123456789", "123456789"),
    ("QQ", "扣扣 98765432 联系", "98765432"),
    ("PLATE", "车牌京A·12345挡路了", "京A·12345"),
    ("PLATE", "粤BD12345这辆", "粤BD12345"),
    (
        "ADDRESS",
        "寄到浙江省杭州市西湖区文三路123号5幢602室",
        "浙江省杭州市西湖区文三路123号5幢602室",
    ),
    ("ADDRESS", "I live at 42 Baker Street", "42 Baker Street"),
    ("EMAIL", "邮箱是 li.lei+1@example.com.cn 谢谢", "li.lei+1@example.com.cn"),
    ("IBAN", "IBAN GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 32"),
    ("SSN", "my SSN is 219-09-9999", "219-09-9999"),
    ("IP", "登录地址 203.0.113.77 不是我", "203.0.113.77"),
    ("IP", "seen from 2001:db8:85a3:0:0:8a2e:370:7334", "2001:db8:85a3:0:0:8a2e:370:7334"),
    ("NAME", "我叫王小明，想退款", "王小明"),
    ("NAME", "收货人：欧阳晓月，电话", "欧阳晓月"),
    ("NAME", "聯繫人：陳志強（女兒）", "陳志強"),
    ("NAME", "我是李雷，电话晚点发", "李雷"),
    ("NAME", "王建国先生你好", "王建国"),
    ("NAME", "Hi, my name is John Smith and I need help", "John Smith"),
]

BENIGN = [
    "订单号 13812345678 还没发货",
    "order number: 4111111111111112",
    "订单 202511221234567890 什么时候到",
    "升级到 3.2.1.0 就闪退",
    "version 10.0.1.2 crashes",
    "Chrome 120.0.6099.129 打不开",
    "会员 198 元一年，活动价 98.5",
    "时间 2025-11-22 10:30:45 开始",
    "总共 1,234,567 人参加",
    "每天 8:00-22:00 营业",
    "导出 12345678 字节",
    "微信支付怎么用，微信 8.0.49 版本",
    "微信登录 android 版打不开",
    "QQ音乐 2024 版好用",
    "人民路 3 号线怎么走",
    "我叫了外卖还没到",
    "我叫不出他的名字",
    "本人马上到",
    "联系人方式是什么",
    "收款人姓名对不上",
    "家长和孩子都能参加吗",
    "负责人安排一下",
    "新A12 型号不错",
    "B站UP主推荐的",
    "my name is on the list already",
    "std::vector is broken",
    "@管理员 看一下",
    "价格从 1380 涨到 1580",
    "ISBN 9787302511892",
    "错误码 0x80070005",
    "第 110 条规则和第 120 条规则",
]


@pytest.mark.parametrize(("kind", "text", "value"), PERSONAL)
def test_personal_data_is_replaced_and_located(kind: str, text: str, value: str) -> None:
    redacted = REDACTOR.redact(text)

    assert value not in redacted.text
    assert f"[{kind}_1]" in redacted.text
    (span,) = redacted.spans
    assert (span.kind, text[span.start : span.end]) == (kind, value)


@pytest.mark.parametrize("text", BENIGN)
def test_benign_twins_stay_as_they_are(text: str) -> None:
    assert REDACTOR.redact(text).text == text


def test_a_value_keeps_its_number_and_another_gets_the_next() -> None:
    text = "13812345678 或 138-1234-5678，不行打 13900001111"

    assert REDACTOR.redact(text).text == "[PHONE_1] 或 [PHONE_1]，不行打 [PHONE_2]"


def test_new_tokens_do_not_collide_with_those_in_the_text() -> None:
    assert REDACTOR.redact("[PHONE_3] 换成 13812345678").text == "[PHONE_3] 换成 [PHONE_4]"


def test_a_wrong_checksum_is_not_an_id() -> None:
    assert REDACTOR.redact("编码 110105194912310021").spans == ()


PIECES = st.sampled_from([text for _, text, _ in PERSONAL] + BENIGN + ["，", " ", "\n", "[QQ_1]"])


@given(st.lists(PIECES, max_size=6).map("\n".join))
def test_redaction_is_idempotent_and_its_offsets_rebuild_the_text(text: str) -> None:
    redacted = REDACTOR.redact(text)

    rebuilt, last = "", 0
    for span in redacted.spans:
        rebuilt += text[last : span.start] + span.token
        last = span.end
    assert rebuilt + text[last:] == redacted.text
    assert REDACTOR.redact(redacted.text).text == redacted.text


@given(st.text(max_size=200))
def test_any_text_is_accepted_and_redacting_twice_changes_nothing(text: str) -> None:
    once = REDACTOR.redact(text).text

    assert REDACTOR.redact(once).text == once


@given(st.lists(st.sampled_from(PERSONAL), min_size=1, max_size=5))
def test_nothing_personal_survives_in_company(chosen: list[tuple[str, str, str]]) -> None:
    redacted = REDACTOR.redact("。\n".join(text for _, text, _ in chosen)).text

    assert all(value not in redacted for _, _, value in chosen)
    assert TOKEN.search(redacted)


@pytest.mark.parametrize(
    "unit", ["1", "1 ", "a", "a@", "a.b@c.", "中路1号", "(1", "+1 ", "1:", "微信", "A1 "]
)
def test_time_is_linear_on_long_hostile_texts(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    started = time.process_time()

    REDACTOR.redact(text)

    assert time.process_time() - started < 1.5
