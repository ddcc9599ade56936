"""The three pages of the demo company's handbook that are written in English."""

from __future__ import annotations

from portal.demo.shapes import Article, Moment

BUYING = """Some of our customers come to Beijing from abroad or work in English. This page gives you the words and the order of events, so that you can walk them through a purchase without improvising. Facts about eligibility change: check the district's notice on the day, and say the date when you quote it.

## The eight steps

1. **Eligibility check.** Residence permit, work record and social insurance or tax record decide whether a family may buy, and how many homes. Do not arrange viewings before this is clear.
2. **Budget.** Down payment plus taxes plus commission plus a reserve of two per cent. Quote the total, never the list price alone.
3. **Viewing.** Three homes at most in one trip, at the hour when the family will use the home.
4. **Title search.** Mortgage, seizure, right of residence, lease, registered residents.
5. **Contract.** Read the seven clauses aloud, in both languages. The Chinese text prevails; say so before, not after.
6. **Escrow.** The money waits in a supervised bank account until the title has moved.
7. **Tax and title transfer.** Usually one day, both sides present.
8. **Handover.** Meters, keys, furniture list, photographs, signatures.

## Words that cause trouble

| Chinese | Say | Do not say |
|---|---|---|
| 定金 | earnest money, forfeited by the side that breaks the contract | deposit |
| 意向金 | expression of interest, returned until the owner accepts | deposit |
| 学区 | catchment area, announced each year | guaranteed school place |
| 满五唯一 | owned for five years and the seller's only home | tax free |

## What newcomers worry about

They fear being the only one in the room who does not understand. Send every document a day earlier, name the person who answers each question, and put the next date in writing. A customer who knows what happens on Thursday sleeps on Wednesday.
"""

DIFFICULT = """Every salesperson meets the buyer who is angry, silent or comparing us with four other agencies. None of them is difficult; each is missing one piece of information and does not know which one.

## The angry one

Someone told them something untrue. Do not defend the trade. Ask what they were told, write it down in their words, and check it in front of them. If our own colleague said it, say so first: *"That was wrong, and it was us."* Then give the fact with its source.

## The silent one

Silence after a viewing usually means that the people who decide were not in the room. Ask who will sleep in the smallest bedroom, and invite that person. Older buyers often keep quiet about stairs and night-time walks to the bathroom: count the steps aloud and let the family hear the number.

## The one who compares

Give them a good question to take to the other agencies, such as *"When was the school place of this flat last used, and may I come along to check?"* A fact they find themselves is worth ten that we announce.

## The one who haggles over commission

| They say | They mean | Answer |
|---|---|---|
| "Others charge half." | I cannot see what you do. | Put the list of services on the table and let them cross out what they do not need. |
| "I will think about it." | Someone else decides. | Ask for a time when both can talk for ten minutes. |
| "Just tell me the lowest price." | I am afraid of overpaying. | Show the last eight real sales, then ask which price they would sign today. |

## Afterwards

Write the exchange down on the same day while you still remember the exact words. A lost customer with a clear reason is worth more to the next colleague than a won one that nobody can explain. Never record phone numbers, incomes or an owner's bottom line in a text that others will read.
"""

FIRST_MONTH = """Welcome to Anjuli Homes. You will not sell anything in your first week, and nobody expects you to. This page says what you should know by when, and whom to ask.

## Your first thirty days

| By | You can | Ask |
|---|---|---|
| Day 1 | sign in, find a page with the search box, log a call | Zhao Wenbo |
| Day 7 | walk two areas without a map, name their three weaknesses | your office manager |
| Day 14 | answer the fifteen questions in the question list, with sources | Zheng Yaqin |
| Day 21 | lead a viewing while a senior colleague listens | Feng Xue or Ma Jun |
| Day 30 | write one experience that a reviewer accepts | anyone, they all began this way |

## Three habits that pay

1. **Say when, then keep it.** "I will ask and tell you before eight this evening" builds more trust than a quick guess. Put the promise into the system so that you cannot forget it.
2. **Measure something.** Seconds at the traffic light, steps to the bathroom, minutes at the lift. Customers remember numbers that you collected yourself.
3. **Search before you ask, write after you learn.** If the search finds nothing, tell the topic's owner: a gap is news.

## What will get you into trouble

Promising a school place, passing on an owner's bottom line, writing a lower price into a second contract, or copying a customer's phone number into a shared text. None of these is a matter of style; the first three are against the law or against our contract with the owner, and the fourth against the customer's rights.

## How you are paid

Commission is a share of the income that the company has actually received in the month. Two or more accepted experiences in one month raise that month's rate by 0.05 percentage points: on a received 1,000,000 yuan at 2.00 % that is 20,500 yuan instead of 20,000. Your statement opens every line, so check it; if something looks wrong, raise a dispute within ten working days.
"""

ARTICLES_EN = (
    Article("buying", "en", "Buying a home in eight steps, for English-speaking customers", "The order of events and the words that cause trouble.", BUYING, ("signing", "relations"), "chen", "shen", Moment(0, 14), "process", (), ("newcomer",), True),
    Article("difficult", "en", "Four kinds of hesitant buyers and what each is missing", "Anger, silence, comparison, haggling: the question behind each.", DIFFICULT, ("relations", "negotiation"), "ma", "zheng", Moment(0, 16), "evergreen"),
    Article("first_month", "en", "Your first month at Anjuli Homes", "What you should know by when, and whom to ask.", FIRST_MONTH, ("rules", "debrief"), "zheng", "lin", Moment(0, 5), "process"),
)  # fmt: skip
