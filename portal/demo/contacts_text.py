"""The people at the demo company's corporate customers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Contact:
    """Someone at a company; `phone` is fictitious."""

    name: str
    title: str
    phone: str
    decides: bool = False


CONTACTS: dict[str, tuple[Contact, ...]] = {
    "晨帆软件有限公司": (
        Contact("闵佳", "行政经理", "19900003001", True),
        Contact("柯睿", "招聘专员", "19900003002"),
    ),
    "和润食品有限公司": (Contact("岑立业", "财务总监", "19900003003", True),),
    "博雅教育咨询公司": (Contact("阮清", "校区主任", "19900003004", True),),
    "启明医疗器械公司": (
        Contact("储建军", "销售总监", "19900003005", True),
        Contact("宫敏", "行政助理", "19900003006"),
    ),
    "长风物流公司": (
        Contact("幸国强", "车队长", "19900003007"),
        Contact("娄洁", "法务主管", "19900003008", True),
    ),
    "墨石建筑设计事务所": (Contact("应书衡", "合伙人", "19900003009", True),),
    "安泰物业服务公司": (Contact("尚爱民", "项目经理", "19900003010", True),),
    "星河会展公司": (Contact("佟悦", "项目总监", "19900003011", True),),
    "绿野园林公司": (
        Contact("荆大勇", "总经理", "19900003012", True),
        Contact("班晓月", "出纳", "19900003013"),
    ),
    "嘉禾会计师事务所": (Contact("宿文博", "人事经理", "19900003014", True),),
    "远航仪器公司": (Contact("冼志高", "人力资源总监", "19900003015", True),),
    "凤栖文化传播公司": (Contact("殷如歌", "创始人", "19900003016", True),),
}
