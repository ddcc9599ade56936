"""How texts and names are said otherwise, and which words say nothing: one way for both engines."""

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import Literal

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from portal.text.grams import HAN, bigrams, is_han, norm, runs
from portal.text.pinyin import initials, of_name, syllables

_LONGEST_SPOKEN = 24

ValueKind = Literal["name", "company", "code", "phone", "email", "title"]


def _english() -> TextAnalyzer:
    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer("english")).build()


_STEMMER = _english()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The English stem of a normalised word: policies and policy meet in polici."""
    return _STEMMER.analyze(word)[0] if word.isascii() else word


def flat(normal: str, *, stemmed: bool) -> str:
    """The words of a normalised text, one blank around each, stretches of Han whole.

    The ranker counts in it with plain substring search, so that sixty candidates take milliseconds.
    """
    words = [run.text for run in runs(normal)]
    if stemmed and words:
        words = _STEMMER.analyze(" ".join(words))
    return f" {' '.join(words)} "


# --- Words -------------------------------------------------------------------------------------------


STOP_ENGLISH = frozenset(
    "a an and are as at be been being but by can could did do does doing for from had has have having "
    "he her him his how i if in into is it its just let me my of on or our please shall she should so "
    "such than that the their them then there these they this those through to too us very was we were "
    "what when where which while who whom whose why will with would you your tell about any am s t re "
    "ve ll d m don doesn didn".split()
)
STOP_HAN = frozenset(
    "的 了 在 是 和 与 及 或 也 就 都 而 着 被 把 让 给 对 为 于 以 从 到 由 等 之 其 该 此 这 那 这个 "
    "那个 这些 那些 哪 哪个 哪些 哪里 哪儿 哪种 哪位 哪年 哪一 谁 什么 怎么 怎样 怎么样 怎么办 如何 "
    "为何 为什么 何时 何地 何 几 多少 多久 多长 多大 吗 呢 吧 啊 呀 么 嘛 哦 我 你 他 她 它 我们 你们 "
    "他们 它们 您 有 没有 是否 可以 能 能否 能不能 可不可以 要 想 请 请问 需要 应该 会 时候 时 个 一个 "
    "一种 一下 又 还 还是 并 并且 但 但是 因为 所以 如果 则 将 被称为 称为 叫 叫做 属于 分别 告诉 一些 "
    "哪一个 几个".split()
)


def is_stop(word: str) -> bool:
    return word in STOP_HAN or word in STOP_ENGLISH


def cut_words(run: str) -> list[str]:
    """The dictionary words of a stretch of Han (the first call loads the dictionary: about a second)."""
    return _dictionary()(run, False)


@cache
def _dictionary() -> Callable[[str, bool], list[str]]:
    """What cuts, loaded at the first text: most commands cut none."""
    import rjieba  # noqa: PLC0415 - see above

    return rjieba.cut


# --- Other ways in -----------------------------------------------------------------------------------


_COMPANY_ENDS = re.compile(
    r"(?:股份有限公司|有限责任公司|有限公司|集团公司|公司|集团|股份|商行|事务所|\s+(?:co|inc|ltd|llc|gmbh|corp)\.?)+$"
)
_END = 80
"""Characters in which a name says what sort of company it is."""
_CITY_STARTS = re.compile(
    r"^(?:北京|上海|天津|重庆|广州|深圳|杭州|南京|苏州|成都|武汉|西安|郑州|长沙|青岛|宁波|厦门|福州|济南|合肥|昆明|"
    r"无锡|佛山|东莞|大连|沈阳|哈尔滨|长春|石家庄|太原|南昌|南宁|贵阳|海口|香港|台北)(?:市)?(?=.{2})"
)
_DOUBLE_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 夏侯 宇文 长孙 司徒 司空 端木 百里 南宫".split()
)


def pinyin(han: str) -> tuple[str, str]:
    """The full pinyin and the initials of a text with Han: 李明朗 gives liminglang and lml."""
    normal = re.sub(r"\s+", "", norm(han))
    forms = "".join(syllables(normal)), initials(normal)
    full, first = (re.sub(r"[^a-z0-9]", "", form) for form in forms)
    return full, first


def _spoken(text: str) -> list[str]:
    return list(pinyin(text)) if re.search(rf"[{HAN}]", norm(text)) else []


def _name(text: str) -> list[str]:
    normal = re.sub(r"\s+", "", norm(text))
    found = _spoken(text)
    if is_han(normal) and 2 <= len(normal) <= 4:
        surname = 2 if normal[:2] in _DOUBLE_SURNAMES and len(normal) > 2 else 1
        given = normal[surname:]
        for read in dict.fromkeys((of_name(normal), syllables(normal))):
            found += ["".join(read), " ".join(read), "".join(read[surname:] + read[:surname])]
            found.append("".join(syllable[:1] for syllable in read))
        found.append(given)
        if len(given) > 1:
            found += _spoken(given)
    elif not is_han(normal):
        words = norm(text).split()
        found += ["".join(words), " ".join(reversed(words)), "".join(word[0] for word in words)]
    return found


def _company(text: str) -> list[str]:
    words = " ".join(norm(text).split())
    short = words[:-_END] + _COMPANY_ENDS.sub("", words[-_END:])
    core = _CITY_STARTS.sub("", short)
    return [short, core, *_spoken(text), *_spoken(short), *_spoken(core)]


def _code(text: str) -> list[str]:
    normal = norm(text).strip()
    return [normal, re.sub(r"[\W_]+", "", normal)]


def _phone(text: str) -> list[str]:
    digits = re.sub(r"\D", "", norm(text))
    local = digits[-11:] if len(digits) > 11 else digits
    return [digits, local, digits[-8:], digits[-7:], digits[-4:]] if len(digits) >= 4 else []


def _email(text: str) -> list[str]:
    normal = norm(text).strip()
    return [normal, *re.split(r"@", normal, maxsplit=1)]


def _title(text: str) -> list[str]:
    cut = list(runs(norm(text)))
    within = " ".join(dict.fromkeys(form for run in cut if run.han for form in _spoken_words(run.text)))
    if len(text) > _LONGEST_SPOKEN:
        return [within]
    parts = ["".join(syllables(run.text)) if run.han else run.text for run in cut]
    return [*_spoken(text), *([" ".join(parts)] if len(parts) > 1 else []), within]


def _spoken_words(run: str) -> Iterator[str]:
    """What of a title may be typed in pinyin: two characters anywhere (dictionaries cut 学区划片 wrongly), a
    longer word, two words together. 提前还款 is found by `huankuan` and by `tiqianhuankuan`.
    """
    read = syllables(run)
    if len(read) != len(run):
        return
    yield from (
        a + b for (a, b), pair in zip(pairwise(read), bigrams(run), strict=False) if not is_stop(pair)
    )
    words, at = list[str](), 0
    for word in cut_words(run):
        words.append("".join(read[at : at + len(word)]))
        at += len(word)
        if len(word) > 2 and not is_stop(word):
            yield words[-1]
    yield from (a + b for a, b in pairwise(words))


_ALTERNATES = {
    "name": _name,
    "company": _company,
    "code": _code,
    "phone": _phone,
    "email": _email,
    "title": _title,
}


def alternates(text: str, kind: ValueKind) -> tuple[str, ...]:
    """Other spellings under which people look for a value: pinyin and initials of names, given names, the
    core of a company's name, a code without its hyphens, the last digits of a phone number.
    """
    return tuple(dict.fromkeys(form for form in _ALTERNATES[kind](text) if form))
