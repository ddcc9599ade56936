"""What is never kept of anybody nor ranks anyone: protected attributes, refused by name (RULES 4.5, 4.10).

A word is looked through for stems, in Chinese and English, whatever its width, script and case. What only
sounds so is named beside them: a 老人房 is a room, 单身公寓 a sort of flat, and 毛病 no illness.
"""

from __future__ import annotations

import re

from portal.i18n import Phrase
from portal.text.naming import plain

_NUMBER = "零〇一二三四五六七八九十百两几"
_PROVINCES = (
    "北京|上海|天津|重庆|河北|河南|山东|山西|陕西|江苏|浙江|安徽|福建|江西|湖北|湖南|广东|广西|海南|"
    "四川|贵州|云南|"
    "西藏|青海|甘肃|宁夏|新疆|内蒙古?|黑龙江|吉林|辽宁|台湾|香港|澳门|温州|潮汕"
)
_COUNTRIES = (
    "中国|美国|英国|法国|德国|俄国|俄罗斯|日本|韩国|朝鲜|印度|越南|泰国|缅甸|蒙古|非洲|欧洲|亚洲|拉美|阿拉伯"
)
_PEOPLES = (
    "汉|回|藏|苗|彝|壮|满|侗|瑶|白|傣|黎|畲|佤|羌|土|水(?!族[馆箱])|土家|布依|哈尼|纳西|景颇|仡佬|锡伯|"
    "维吾尔|维|"
    "哈萨克|柯尔克孜|蒙古|蒙|朝鲜|鲜|高山|达斡尔|鄂温克|鄂伦春|塔吉克|少数民"
)
_HAN: dict[str, str] = {
    "age": rf"年龄|岁数|高龄|大龄|年纪|年老|年长|年轻|年迈|老年|中年|青年|老人|老头|老太|老爷|大爷|大妈|"
    rf"未成年|退休|离休|"
    rf"[0-9三四五六七八九零〇][0-9零〇五]后(?!续)|(?:[0-9{_NUMBER}多来]|[上周满])岁(?!月)",
    "gender": "性别|[男女](?:性|的|士|人|客|顾|买家|业|租|房东|主|方|生|孩|同|销售|青年|老板|友|婴)|"
    "变性|跨性|性取向|"
    "同性恋|双性恋|孕|产妇|哺乳期|[宝辣奶]妈|[宝奶]爸|妈妈|妇女|妇人|少妇|主妇|姑娘|小伙",
    "religion": "宗教|信教|信仰|佛教|[信拜礼]佛|基督|天主教|伊斯兰|穆斯林|道教|教徒|清真|信徒|做礼拜",
    "health": "健康|(?<![毛通])病|残疾|残障|残联|伤残|体检|癌|肿瘤|抑郁|(?:焦虑|强迫|自闭|多动|厌食|"
    "躁郁|炎)症|乙肝|"
    "高血压|低血压|血压|血糖|血型|哮喘|中风(?!险)|痴呆|瘫|艾滋|失明|盲人|失聪|聋|哑(?!光|铃|口)|轮椅|"
    "透析|化疗|过敏",
    "origin": rf"籍贯|民族|种族|族裔|国籍|户籍|户口|血统|肤色|出生地|[老同]乡(?!村)|[南北]方人|东北人|"
    rf"西北人|外地人|本地人|"
    rf"外国人|老外|外籍|华裔|黑人|白种人|黄种人|黑种人|混血|(?:{_PEOPLES})族|"
    rf"(?:{_PROVINCES}|{_COUNTRIES})省?人(?![民口家才气工行均力流群])",
    "marital state": "婚(?![房纱庆礼车])|离异|离过|单身|单亲|丧偶|[寡鳏孀]|丁克|光棍|[剩熟]女|前[妻夫]",
    "politics": "政治|党员|党派|政见|入党|群众身份|政党|共产党|国民党|团员",
}
_HARMLESS_HAN = (
    "老人房|老年房|老年大学|青年公寓|青年路|单身公寓|单身宿舍|年轻化|"
    "健康(?:住宅|社区|小区|建材|家居|环境|步道|跑道|楼盘)|房屋体检|本地人口|同乡村|女婿|"
    "人民|民族路|户口(?:所在地)?可迁|病房"
)
_NATIONS = (
    r"chinese|japanese|korean|americans?|british|germans?|french|russians?|indians?|africans?|asians?|"
    r"europeans?|"
    r"arabs?|mexicans?|vietnamese|filipin[oa]s?|tibetans?|u[iy]?ghurs?|mongol\w*|hispanics?|latin[oa]s?|"
    r"caucasians?"
)
_LATIN: dict[str, str] = {
    "age": r"age|ages|aged|ageing|aging|elderly|seniors?|old|young|younger|older|teen\w*|middle-aged|minors?|"
    r"retire\w*|pensioners?|youth\w*|juvenile\w*|[0-9]{2}s|twenties|(?:thir|for|fif|six|seven|eigh|nine)ties|"
    r"millennials?|boomers?|gen[ -]?[xyz]|grand(?:ma|pa|mother|father|parent)s?|octogenarian\w*",
    "gender": r"gender\w*|sex|sexes|males?|females?|man|men|woman|women|trans(?:gender|sexual)\w*|gays?|"
    r"lesbian\w*|"
    r"pregnan\w*|maternity|mother\w*|father\w*|mom|moms|mums?|dads?|girls?|boys?|lady|ladies|gentlem[ae]n|"
    r"housewi\w+|queers?|lgbt\w*|(?:bi|homo)sexual\w*|non-?binary|feminine|masculine",
    "religion": r"religi\w+|faith|buddhis\w+|christian\w*|catholic\w*|protestant\w*|muslims?|islam\w*|"
    r"jew\w*|hindu\w*|"
    r"sikh\w*|taois\w*|mormon\w*|atheis\w*|halal|kosher",
    "health": r"health\w*|ill|illness\w*|sick\w*|disease\w*|disab\w+|handicap\w*|cancer\w*|depress\w+|"
    r"medical|blind|"
    r"blindness|deaf\w*|mute|diabet\w*|hiv|hypertens\w*|blood (?:pressure|type|sugar)|asthma\w*|"
    r"autis\w*|dementia|"
    r"alzheimer\w*|parkinson\w*|wheelchair\w*|tumou?rs?|hepatitis|epilep\w*|bipolar|adhd|obes\w*|"
    r"allerg\w*|paralys\w*",
    "origin": r"origins?|ethnic\w*|race|races|racial|nationalit\w+|ancestry|birthplace|hukou|skin colou?r|"
    r"immigrants?|migrants?|foreigners?|expats?|blacks|whites|black (?:people|persons?|m[ae]n|wom[ae]n|"
    r"famil\w+)|"
    rf"{_NATIONS}",
    "marital state": r"marital|marriage|married|unmarried|divorc\w+|single|singles|widow\w*|bachelor\w*|"
    r"wife|wives|"
    r"husbands?|spouses?|fianc\w+|newlyweds?|childless",
    "politics": r"politic\w*|part(?:y|ies) member\w*|left-wing|right-wing|communis\w*|socialis\w*|"
    r"democrats?|republicans?",
}
_HARMLESS_LATIN = (
    r"old(?:er)? (?:houses?|homes?|flats?|apartments?|buildings?|towns?|quarters?|streets?|furniture|"
    r"estates?)|"
    r"single[ -](?:price|family|storey|story|room|offer|contact|point|floor|owner|key)s?|"
    r"sick of|race (?:cars?|tracks?)|good faith|blind spots?|medical (?:district|cent(?:re|er)|school)s?|"
    rf"(?:speaks?|reads?|writes?|in) (?:{_NATIONS})|"
    rf"(?:{_NATIONS}) (?:kitchen|food|style|language|contract|document|paper|garden|school)s?"
)
WORDS: dict[str, Phrase] = {
    "age": Phrase("age"),
    "gender": Phrase("gender"),
    "religion": Phrase("religion"),
    "health": Phrase("health"),
    "origin": Phrase("origin"),
    "marital state": Phrase("marital state"),
    "politics": Phrase("politics"),
}
"""What the protected attributes are called."""
_FOUND = {name: re.compile(rf"{_HAN[name]}|(?<![a-z0-9])(?:{_LATIN[name]})(?![a-z])") for name in WORDS}
_HARMLESS = re.compile(rf"{_HARMLESS_HAN}|(?<![a-z])(?:{_HARMLESS_LATIN})(?![a-z])")


def protected_in(text: str) -> str | None:
    """The protected attribute that a word names, as a key of WORDS; None for a word that names none."""
    found = _found_in(text)
    return found[0] if found is not None else None


def refusal(text: str) -> Phrase | None:
    """Why a word is refused, and by which piece of it, for whoever typed it; None when it may stand."""
    found = _found_in(text)
    if found is None:
        return None
    return Phrase(
        "“%(piece)s” names a protected attribute (%(what)s). It is never kept of anyone, and nobody is found "
        "or chosen by it. Say what the customer asks for or how a colleague works.",
        piece=found[1],
        what=WORDS[found[0]],
    )


def _found_in(text: str) -> tuple[str, str] | None:
    """The protected attribute, and the piece that names it."""
    folded = _HARMLESS.sub("|", plain(text).lower())
    for name, form in _FOUND.items():
        if match := form.search(folded):
            return name, match.group()
    return None
