"""Where a text names a day, a month or a year: by it a deal would be found (RULES 4.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.text.naming import plain

_YEAR = r"(?:19|20)[0-9]{2}"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|(?-i:May)|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_NTH = r"(?:st|nd|rd|th)"
_HAN_NUMBER = "[一二三四五六七八九十廿卅]{1,3}"
_NO_DAY = "楼院线店柜门房厅桌库铺码地馆机车位户样学病窗球栋座室弄"
"""What follows the number of a thing, not of a day: 5号楼."""
_DATE = re.compile(
    "|".join(
        (
            # 2026-03-05, 2026/3/5, 2026.3.5, 2026年3月5日, 2026年3月, 2026-03, 2026年, 20260305
            rf"(?<![0-9.]){_YEAR} ?"
            rf"(?:年 ?(?:(?:[0-9]{{1,2}}|{_HAN_NUMBER}) ?月"
            rf"(?:份| ?[0-9]{{1,2}} ?[日号]?| ?{_HAN_NUMBER}[日号])?)?"
            r"|[-/–][0-9]{1,2}(?:[-/–][0-9]{1,2})?|\.[0-9]{1,2}\.[0-9]{1,2})"
            r"(?![0-9])",
            rf"(?<![0-9]){_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])",
            # 05.03.2026, 3/5/26, 26-3-5
            r"(?<![0-9./-])[0-9]{1,2}(?P<sep>[-/.])[0-9]{1,2}(?P=sep)[0-9]{1,4}(?![0-9])",
            # 3/5 and 15/3, but no address on a page and not "24/7"
            r"(?<![0-9A-Za-z/.])(?!24/7(?![0-9]))(?:(?:1[0-2]|0?[1-9])/(?:3[01]|[12][0-9]|0?[1-9])"
            r"|(?:3[01]|[12][0-9])/(?:1[0-2]|0?[1-9]))(?![0-9/])",
            # 3月5日, 3 月 5 号, 三月五日, 3月, 三月份, 26年3月5日
            rf"(?<![0-9])(?:[0-9]{{2}}年)?(?:1[0-2]|0?[1-9]|{_HAN_NUMBER}) ?月"
            rf"(?: ?(?:[0-9]{{1,2}}|{_HAN_NUMBER}) ?[日号]|份)?",
            # 15日, 5号
            rf"(?<![0-9])(?:3[01]|[12][0-9]|[1-9]) ?(?:日(?![常均])|号(?![{_NO_DAY}]))",
            # March 5th, 2026; 5 March; March 2026; on the 5th
            rf"(?<![A-Za-z0-9]){_MONTH} ?[0-9]{{1,2}}{_NTH}?(?![0-9])(?:,? ?{_YEAR})?(?![A-Za-z0-9])",
            rf"(?<![0-9A-Za-z])[0-9]{{1,2}}{_NTH}?(?: of)? ?{_MONTH}(?:,? ?{_YEAR})?(?![A-Za-z0-9])",
            rf"(?<![A-Za-z0-9]){_MONTH},? ?{_YEAR}(?![0-9])",
            rf"(?<=on the )[0-9]{{1,2}}{_NTH}(?! (?:floor|avenue|street))(?![A-Za-z])",
        )
    ),
    re.IGNORECASE,
)


def dates(text: str) -> Iterator[tuple[int, int]]:
    """Where each date begins and ends. A fraction such as 1/2 looks like one: rather too many than one."""
    for match in _DATE.finditer(plain(text)):
        yield match.span()
