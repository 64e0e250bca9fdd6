"""Short Chinese and English messages made in code, all different, for measuring speed only."""

from __future__ import annotations

import random

_PARTS = {
    "zh": (
        ("昨天", "今早", "刚才", "更新以后", "用了三天", "第{n}次打开的时候"),
        ("同步", "导出", "搜索", "登录", "会员页面", "第{n}个笔记本", "小组件"),
        ("又失败了", "特别好用", "找不到入口", "一直转圈", "能不能加个开关", "被重复扣了{n}元"),
        ("，怎么办？", "。", "，求助", "，谢谢", "！！", "，机型是 X{n}"),
    ),
    "en": (
        ("Since yesterday", "This morning", "After the update", "On day {n}", "Just now"),
        (" the sync", " my export", " search", " the login page", " notebook {n}", " the widget"),
        (" fails again", " works great", " is hard to find", " spins forever", " charged me {n}"),
        (", what now?", ".", ", any help?", ", thanks", "!!", " on device X{n}"),
    ),
}
SEED = 11


def made_messages(count: int) -> tuple[str, ...]:
    """`count` different messages, two in three Chinese, 10 to 80 characters."""
    draw = random.Random(SEED)  # noqa: S311 not secret
    return tuple(_message(draw, number) for number in range(count))


def _message(draw: random.Random, number: int) -> str:
    parts = _PARTS["en" if number % 3 == 2 else "zh"]
    text = "".join(draw.choice(choices) for choices in parts)
    return f"{text.replace('{n}', str(number))} #{number}"
