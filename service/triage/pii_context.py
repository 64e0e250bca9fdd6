"""Personal data that only its surroundings give away: chat ids, names, postal addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.triage.folding import simplified
from service.triage.pii_patterns import HAN, Found

_LINK = r"(?:\s{0,2}(?:账号|帐号|号码|号|群号?|id|ID)?\s{0,2}(?:[:：=]|是|为|is|加)?\s{0,2})"
_WECHAT = re.compile(
    r"(?:微信|薇信|威信|徽信|卫星号|微心|wechat|weixin|wx|vx|v信|(?:加|➕|\+)\s?[vV微薇威]信?)"
    rf"({_LINK})((?<![A-Za-z0-9])[A-Za-z][-_A-Za-z0-9]{{5,19}}|\d{{5,12}})(?![-_A-Za-z0-9]|\.\d)",
    re.IGNORECASE,
)
_QQ = re.compile(
    rf"(?:(?<![A-Za-z])qq|扣扣|企鹅号?|秋秋)({_LINK})([1-9](?:[ -]?\d){{4,11}})(?![\dA-Za-z]|\.\d)",
    re.IGNORECASE,
)
_PRODUCT = re.compile(r"(?:android|iphone|ipad|windows|version|wechat|weixin|mini|pay)", re.I)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
    "鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄"
    "和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭"
    "梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程"
    "嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁"
    "仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘"
    "党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易"
    "慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧沃利蔚越隆师巩厍聂晁勾敖融冷辛阚那简饶空曾沙肖涂"
)
_NAME_END = (
    r"(?=$|[\s,，。.!！?？;；、:：()（）\]】/|]|是|在|住|今年|来自|身份|电话|手机|微信|邮箱|卡号|性别"
    r"|的|和|跟|这|报名)"
)
_SURNAME = (
    f"(?:欧阳|司马|上官|诸葛|慕容|司徒|东方|夏侯|皇甫|尉迟|公孙|令狐|宇文|长孙|[{_SURNAMES}])"
)
_ZH_LABEL = (
    r"(?:姓名|名字|收件人|收货人|寄件人|签收人|联系人|联络人|户主|户名|开户人|开户名|账户名|持卡人|收款人|付款人"
    r"|申请人|报名人|参会人|投诉人|被投诉人|当事人|负责人|经办人|法人|法定代表人|监护人|家长|患者|学员|考生|乘客"
    r"|乘车人|入住人|预订人|下单人|领奖人|获奖者|真名|实名|本名|全名)(?:姓名)?(?:叫|是|为|填的是|写的是|登记的是)?"
)
_ZH_NAME = re.compile(
    rf"(?:我叫|我的名字是|我的名字叫|我名叫|名字叫|大名叫|本人叫|{_ZH_LABEL}(?:\s{{0,2}}[:：是为=叫]|\s))\s{{0,3}}"
    rf"({_SURNAME}[{HAN}]{{1,2}}?){_NAME_END}"
)
_ZH_STATED = re.compile(
    rf"(?:我是|这是|这里是|找|请叫|请联系|联系|转给|发给|寄给|交给|打给|转账给|汇给|写给)\s?({_SURNAME}[{HAN}]{{1,2}}?)"
    r"(?=\s?[,，:：(（]?\s?(?:身份证|电话|手机|微信|卡号|1[3-9]\d|先生|女士|小姐|\[(?:PHONE|ID_CARD|WECHAT)))"
)
_ZH_TITLED = re.compile(
    rf"(?<![{HAN}])({_SURNAME}[{HAN}]{{2}})(?=先生|女士|小姐|老师|医生|律师|教授)"
)
_ZH_NOT_NAMES = re.compile(
    "不|是|人$|家人|孩子|没|什么|哪|怎|谁|了$|过$|吗$|呢$|啊$|吧$|的$|们$|于$|时候|如何|应该|需要|可以|一个|一下|是否|有没|和我|和他|都|和你"
)
_ZH_NAMES = (
    (("叫", "名", "人", "户", "家长", "者", "员", "生", "乘客"), _ZH_NAME),
    (("证", "电话", "手机", "微信", "卡号", "1", "先生", "女士", "小姐", "["), _ZH_STATED),
    (("先生", "女士", "小姐", "老师", "医生", "律师", "教授"), _ZH_TITLED),
)
"""Characters that must stand in a text for an expression to match, and the expression."""
_WORD = r"[A-Z][A-Za-z'’\-]{1,20}"
_EN_NAME = re.compile(
    rf"(?:(?i:my name is|my name's|my full name is|full name|name on the card|this is mr\.?|"
    rf"this is mrs\.?|this is ms\.?|i am called|cardholder)\s{{0,2}}(?i:is)?[:：]?\s{{1,2}}"
    rf"|(?<![A-Za-z])(?:Name|Recipient|Contact)[:：]\s{{0,2}})"
    rf"({_WORD}(?: (?:[A-Z]\. )?{_WORD}){{0,2}})"
)
_ROAD = re.compile(
    r"(?:路|街|大道|道|巷|弄|胡同|村|小区|花园|苑|公寓|广场|大厦)(?:[东南西北中]段?)?"
    r"\s{0,2}[A-Za-z]?\d{1,5}\s{0,2}(?:号楼|号院|号|弄|栋|幢|座)(?!线|店|位)"
)
_TAIL = re.compile(
    rf"(?:[,，\s]{{0,2}}(?:[{HAN}]{{2,6}}(?:小区|花园|苑|公寓|大厦|广场)|[A-Za-z]?\d{{1,5}}\s{{0,2}}"
    r"(?:号楼|号|栋|幢|座|单元|室|层|楼|弄)|[A-Z]座|\d{1,2}-\d{1,2}-\d{2,4}|\d{3,4}(?!\d))){1,6}"
)
_BREAK = re.compile(
    rf"[^{HAN}A-Za-z0-9]|(?:地址|住址|住在|家住|寄到|送到|发到|收货|位于|搬到|就在|我在|是|住|在|到)"
)
_REGION = re.compile(r"省|市|区|县|镇|乡|自治")
_ADDRESS_WORD = re.compile(r"(?:地址|住址|住在|家住|寄到|送到|收货|寄往)[^\n]{0,8}$")
_EN_STREET = re.compile(
    r"(?<![\d.$])(\d{1,5}[A-Za-z]? (?:[A-Z][A-Za-z'.]{1,20} ){1,4}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Place|Pl|Square"
    r"|Terrace|Close|Crescent)\b\.?(?:,? (?:Apt|Apartment|Suite|Unit|Flat|#)\.? ?\w{1,6})?)"
)


def find_chat_ids(text: str) -> Iterator[Found]:
    """WeChat and QQ ids that follow a word for them."""
    for match in _WECHAT.finditer(text):
        value = match[2]
        linked = bool(match[1].strip()) or any(c.isdigit() or c == "_" for c in value)
        if linked and not _PRODUCT.match(value):
            yield Found("WECHAT", *match.span(2), value.casefold())
    for match in _QQ.finditer(text):
        yield Found("QQ", *match.span(2), re.sub(r"\D", "", match[2]))


def find_names(text: str) -> Iterator[Found]:
    """Names a member states as such ("my name is ...", "收货人：...")."""
    simple = simplified(text)
    for marks, expression in _ZH_NAMES:
        for match in expression.finditer(simple) if any(m in simple for m in marks) else ():
            if not _ZH_NOT_NAMES.search(match[1]):
                yield Found("NAME", *match.span(1), match[1])
    for match in _EN_NAME.finditer(text):
        yield Found("NAME", *match.span(1), match[1].casefold())


def find_addresses(text: str) -> Iterator[Found]:
    """Postal addresses: from the house number leftwards to a break, rightwards to the door.

    A bare "road and number" is a place in town; it counts as personal with a region before it, a
    door after it, or a word for address in front.
    """
    for match in _ROAD.finditer(text):
        start = _left_edge(text, match.start())
        tail = _TAIL.match(text, match.end())
        end = tail.end() if tail else match.end()
        region = _REGION.search(text, start, match.start())
        before = text[max(0, start - 16) : start]
        if start < match.start() and (tail or region or _ADDRESS_WORD.search(before)):
            yield Found("ADDRESS", start, end, text[start:end])
    for match in _EN_STREET.finditer(text):
        yield Found("ADDRESS", *match.span(1), match[1].casefold())


def _left_edge(text: str, anchor: int) -> int:
    window = max(0, anchor - 28)
    edges = [match.end() for match in _BREAK.finditer(text, window, anchor)]
    return edges[-1] if edges else window
