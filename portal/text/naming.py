"""The forms in which a known name stands in a text: 韦先生, Mr. Wei, 韦总, weixiaobao (RULES 4.10)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from portal.text.pinyin import of_name
from portal.text.scripts import SIMPLIFIED

WIDE = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
"""Full-width characters as ASCII, one for one, so that positions stay."""
_PLAIN = WIDE | {ord(old): ord(new) for old, new in SIMPLIFIED.items() if len(old) == len(new) == 1}

_HAN = "\u3400-\u9fff"
_HAS_HAN = re.compile(f"[{_HAN}]")
_GAP = "[ ·•\u200b-\u200d]{0,2}"
"""What some put between the characters of a name."""
_COMPOUND = frozenset(
    "欧阳 司马 上官 诸葛 夏侯 东方 皇甫 尉迟 公孙 慕容 "
    "令狐 宇文 长孙 端木 司徒 南宫 独孤 轩辕 呼延 百里".split()
)
_AFTER = (
    "先生|女士|小姐|太太|夫人|老师|老先生|老太太|"
    "副(?:总|经理|主任|主管|校长|院长|局长|处长|科长|行长|部长)|"
    "校长|院长|局长|处长|科长|厂长|店长|部长|会长|队长|所长|行长|市长|"
    "总(?!部|体|结|计|额|价|量|共|之|数|是|而|的|会)|总监|经理|主任|主管|助理|秘书|会计|律师|医生|大夫|教授|博士|"
    "董事长|董(?!事|办)|老板|书记|师傅|工程师|工(?!艺|作|厂|人|业|资|具|程|地|期|会|时|序|种|商)|"
    "姐(?!妹|姐?夫)|哥(?!们)|叔|姨|阿姨|大姐|大哥|大爷|大妈|老(?=[，。,.、；;：:！!？?\\s]|$)|某某?"
)
_BEFORE = "小|老|阿"
_WITHIN = {
    each[0]: each[1:]
    for each in (
        "于由关至基终等位属用大小高低善敢急 方对我双各卖买甲乙丙官多校厂资地第三后前他你何 "
        "高提很较更最过偏太升抬增 时当到小同及有平这那临按准随暂几 任前现上历责信担主兼继 "
        "程全过流行工课 成完达促形赞 金资现奖佣租定押基 周每上下本一二两三四这几 应供相反响适 "
        "全安完 房买卖看租住新旧楼手洋 单订签开买简清 钱价付出花省收给 文语中英外 "
        "管主物房城保交 关公相海有 段阶地路 班值夜早晚白 常经平非通日 包承打面 路线道 "
        "安保治 林园森 计设 商招 楼售 史历 李行 水风 乐音 张一两三几每这那整 "
        "明说写证表声注标"
    ).split()
}
"""What makes another word of the family name behind it: 对方经理 and 由于老师 name nobody."""
_ORDINARY = frozenset(
    "小路 小米 小时 小金 小麦 小白 小高 小区 小明 小常 小单 "
    "小程 小章 小包 小计 小强 小马 小牛 小黄 小石 小花 "
    "老路 老钱 老板 老实 老白 老金 老年 老成 老师".split()
)
"""Words that look like 小 or 老 with a family name."""
_LATIN_BEFORE = (
    r"mr|mrs|ms|miss|mister|madam|mme|dr|prof|professor|herr|frau|sir|manager|director|president|boss|"
    r"teacher|uncle|auntie|aunt|brother|sister"
)
_LATIN_AFTER = r"zong|xiansheng|nv?u?shi|xiaojie|taitai|jie|ge|laoshi|jingli|zhuren|laoban"
_LEGAL = re.compile(
    r"(?:(?:股份|责任)?有限(?:责任)?公司|[(（][^()（）]{1,8}[)）]|集团|公司|"
    r"[ ,]*(?:Co\.?,? ?Ltd|Company|Limited|Inc|GmbH|LLC|Ltd|Corp|Corporation|AG|KG|SE|PLC)\.?)+$",
    re.IGNORECASE,
)
_NOTED = re.compile(r"(?:\s*[(（][^()（）]{1,20}[)）]|一家人?|全家|夫妇|夫妻)$")
"""What is noted behind a person's name: in brackets, or that it stands for a household."""
_PLACE = re.compile(rf"^[{_HAN}]{{2,3}}[省市]")
_ORGANISATION = re.compile(
    r"(?:公司|集团|银行|学校|大学|中学|小学|医院|工厂|厂|店|局|院|所|中心|协会|酒店|商行|部|会|社)$"
)
_TITLED = re.compile(rf"^([{_HAN}]{{1,2}})(?:先生|女士|小姐|太太|老师|总|经理|主任|姐|哥)$")
_PERSON = re.compile(
    rf"[{_HAN}]{{1,3}}?(?:先生|女士|小姐|太太|夫人|老师|阿姨|叔叔|大哥|大姐|大爷|大妈)"
    rf"|(?:{_LATIN_BEFORE})\b\.? ?\w",
    re.IGNORECASE,
)
_TITLE = re.compile(f"(?={_AFTER})")
"""At every place, also within another title: 阿姨 may be 姨 behind a family name."""
_FAMILIAR = re.compile(f"[{_BEFORE.replace('|', '')}]")
_LATIN = "a-zß-ɏ"
_LETTERS = re.compile(rf"[{_LATIN}]+|[^\W\d_{_LATIN}{_HAN}]+")
"""A word in small letters; other scripts than Latin and Han apart."""
_SHORTEST_CORE = 3
LONGEST = 200


def plain(text: str) -> str:
    """A text in ASCII and Simplified characters where it has others, every character in its place."""
    return text.translate(_PLAIN)


def occurrences(text: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where any form of these names stands in a text, name by name; of one name the longest form where
    several begin.
    """
    folded = plain(text)
    for name in sorted({name.strip() for name in names if len(name.strip()) > 1}):
        for match in _any_form(name).finditer(folded):
            if match.group() and match.group() not in _ORDINARY:
                yield match.start(), match.end()


def stretches(text: str, words: Iterable[str], *, exact: bool = False) -> Iterator[tuple[int, int]]:
    """Where these very words stand in a text, whatever width and script, and case unless `exact`: May is a
    name and may is none. Not within a longer word or number.
    """
    folded = plain(text)
    for word in filter(None, words):
        literal = re.escape(plain(word))
        if word[0].isascii():
            # a part of 1,250 is another number; but a comma is also what stands before a word: 来了，Mona
            literal = rf"(?<![A-Za-z0-9])(?<![0-9][.,]){literal}(?![A-Za-z0-9]|[.,][0-9])"
        for match in re.finditer(literal, folded, 0 if exact else re.IGNORECASE):
            yield match.start(), match.end()


def words_standing(text: str, words: Collection[str]) -> set[str]:
    """Those of many words, each in small letters as `plain` gives it, that stand in a text as `stretches`
    finds them: the text is folded once, and few are looked for closely.
    """
    folded = plain(text)
    low = folded.lower()
    return {word for word in words if word in low and next(stretches(folded, (word,)), None) is not None}


def apart(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches in their order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def standing(text: str, names: Iterable[str]) -> list[str]:
    """Those of many names of which a form may stand in a text: few are left whose forms are worth reading.

    It asks what `occurrences` needs of a text at least, so that it leaves out none that would be found.
    """
    folded = plain(text).casefold()
    run, words, called = _run(folded), _words(folded), _called(folded)
    known = ((one, plain(one.strip())) for one in names)
    return [one for one, name in known if len(name) > 1 and _may_stand(name, folded, run, called, words)]


def _words(folded: str) -> set[str]:
    """Its words in letters; of MrSmith also what stands behind the title."""
    words = set(_LETTERS.findall(folded))
    titles = tuple(_LATIN_BEFORE.split("|"))
    titled = [word for word in words if word.startswith(titles)]
    return words | {word.removeprefix(title) for word in titled for title in titles}


def _called(folded: str) -> set[str]:
    """What stands beside a title or behind 小 and 老: it may be a family name, or a given one."""
    found = set[str]()
    for match in _TITLE.finditer(folded):
        before = folded[max(0, match.start() - 5) : match.start()].rstrip(" ·•\u200b\u200c\u200d")
        found |= {before[-many:] for many in (1, 2, 3)}
    for match in _FAMILIAR.finditer(folded):
        found |= {folded[match.end() : match.end() + many] for many in (1, 2)}
    return found - {""}


def _may_stand(name: str, folded: str, run: str, called: set[str], words: Collection[str]) -> bool:
    low, alone = name.casefold(), _NOTED.sub("", name)
    core = _core(alone)
    if low in folded:
        return True
    if not _HAS_HAN.search(name):
        parts = [part for part in _LETTERS.findall(core.casefold()) if len(part) > 1]
        if any(part in words or (part > "ɏ" and part in folded) for part in parts):
            return True
        return _run(core.casefold()) in run
    if _run(low) in run or (len(core) >= _SHORTEST_CORE and core.casefold() in folded):
        return True
    if called & {part for one in (core, alone) for part in (one[:1], one[:2], one[1:], one[2:])}:
        return True
    read = _run("".join(of_name(_surname(alone)))) if words else ""
    return bool(read) and read in run


def _run(text: str) -> str:
    """A text's letters alone, ü as many type it."""
    return re.sub(r"[\W_]", "", text).replace("ü", "u").replace("v", "u")


@lru_cache(maxsize=512)
def _any_form(name: str) -> re.Pattern[str]:
    """Compiled for each name by itself: with many in one, another name would cost a second."""
    forms = sorted(set(_forms(plain(name))), key=lambda form: (-len(form), form))
    return re.compile("|".join(forms), re.IGNORECASE)


def _forms(name: str) -> Iterator[str]:
    """Patterns of every form of one name; what is longer than a name may be has none but itself."""
    if len(name) > LONGEST:
        yield re.escape(name)
        return
    if not _HAS_HAN.search(name):
        yield from _latin(name)
        return
    yield re.escape(name)
    core = _core(name)
    if core != name and len(core) >= _SHORTEST_CORE:
        yield re.escape(core)
    alone = _NOTED.sub("", name)
    titled = _TITLED.match(alone)
    if titled:
        yield from _han_titles(titled[1])
        yield from _latin_titles("".join(of_name(titled[1])))
    elif re.fullmatch(rf"[{_HAN}]{{2,4}}", alone) and not _ORGANISATION.search(alone):
        yield from _han_person(alone)


def is_titled(name: str) -> bool:
    """Whether a name begins as a person's with a title does: 吕先生, Mrs Smith."""
    return _PERSON.match(name.strip()) is not None


def _core(name: str) -> str:
    """A name without its legal form, place and what stands in brackets behind it."""
    return _PLACE.sub("", _LEGAL.sub("", name).strip())


def _surname(name: str) -> str:
    return name[:2] if name[:2] in _COMPOUND and len(name) > 2 else name[:1]


def _han_person(name: str) -> Iterator[str]:
    surname = _surname(name)
    given, read = name[len(surname) :], of_name(name)
    yield _GAP.join(map(re.escape, name))
    yield from _han_titles(surname)
    if len(given) > 1:
        yield rf"{re.escape(given)}(?:先生|女士|老师|总|姐|哥)"
    first, rest = _sound("".join(read[: len(surname)])), [_sound(each) for each in read[len(surname) :]]
    together = "[ '-]?".join(rest)
    yield _word(rf"{first}[ ,]{{0,2}}{together}")
    yield _word(rf"{together}[ ,]{{0,2}}{first}")
    yield from _latin_titles("".join(read[: len(surname)]))


def _sound(syllable: str) -> str:
    return (
        re.escape(syllable).replace("ü", "(?:ü|v|u)").replace("lv", "l(?:v|ü|u)").replace("nv", "n(?:v|ü|u)")
    )


def _han_titles(surname: str) -> Iterator[str]:
    within = _WITHIN.get(surname)
    yield rf"{f'(?<![{within}])' if within else ''}{re.escape(surname)}{_GAP}(?:{_AFTER})"
    # 小韦 and 老韦, but not where the sign begins another word, as in 小高层
    yield rf"(?:{_BEFORE}){re.escape(surname)}(?![{_HAN}]?[层度档]|围)"


def _latin_titles(surname: str) -> Iterator[str]:
    yield _word(rf"(?:{_LATIN_BEFORE})\.? ?{_sound(surname)}")
    yield _word(rf"{_sound(surname)} ?(?:{_LATIN_AFTER})")


def _latin(name: str) -> Iterator[str]:
    core = _LEGAL.sub("", name).strip(" ,")
    for one in {name, core} if len(core) >= 4 else {name}:
        yield _word("[ .-]{0,2}".join(re.escape(word) for word in re.split(r"[\s.]+", one) if word))
    words = [word for word in re.split(r"[\s.]+", name) if len(word) > 1]
    if core != name or not 2 <= len(words) <= 3 or not all(word.isalpha() for word in words):
        return
    first, last = words[0], words[-1]
    yield _word(rf"{last}[ ,]{{1,2}}{first}")
    yield _word(rf"{first[0]}\. ?{last}")
    yield _word(rf"{last},? {first[0]}\.")
    yield from (_word(rf"(?:{_LATIN_BEFORE})\.? ?{word}") for word in (last, first))


def _word(pattern: str) -> str:
    """A pattern on its own: Ann is not in Anna. Between Han characters there are no gaps to ask for."""
    return rf"(?<![A-Za-zß-ɏ0-9])(?:{pattern})(?![A-Za-zß-ɏ0-9])"
