"""Which language a text is in, where nothing else tells."""

from __future__ import annotations

import pytest

from portal.text.languages import language_in

TOLD = {
    "先问再看。": "zh-Hans",
    "RS-485 接口怎么接": "zh-Hans",
    "定价・优惠 の 说明，怎么说": "zh-Hans",
    "學區怎麼問，先看公告再說": "zh-Hant",
    "Ask first.": "en",
    "Buying a home (买房) in eight steps, and the down payment (首付)": "en",
    "日本語の文章です": "ja",
    "東京都庁舎の案内": "ja",
    "한국어 문장입니다": "ko",
    "123": "en",
    "": "en",
}


@pytest.mark.parametrize("text", TOLD)
def test_a_text_is_in_the_language_of_most_of_it(text: str) -> None:
    assert language_in(text) == TOLD[text]
