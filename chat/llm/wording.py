"""The words that a statement's truth hangs on, and those that say the same: what the check of statements knows of English.

Nothing here is about any subject: closed classes (negation, modality, comparison, quantity), everyday synonyms, and
words that tell nothing of their own.
"""

import re
from functools import lru_cache

from indexer import stem

NEGATIONS = frozenset(
    "not no never none neither nor without cannot nobody nothing nowhere hardly barely fail failed fails failing deny "
    "denied denies denying refuse refused refuses refusing decline declined declines lack lacks lacked unable".split()
)
_PLAN = "must will shall would should plan plans planned planning intend intends intended aim aims aimed expect expects expected hope hopes hoped scheduled due propose proposes proposed forecast forecasts forecasted target going upcoming future planned tentative"  # noqa: E501
_POSSIBLE = "must may might could can possible possibly perhaps likely probably potentially potential would whether consider considers considering considered should"  # noqa: E501
_CONDITION = "if unless provided otherwise"
_ATTITUDE = "believe believes believed think thinks thought claim claims claimed allege alleged alleges recommend recommends recommended demand demands demanded fear fears feared suggest suggests suggested warn warns warned promise promises promised consider considers view opinion reportedly allegedly rumour rumours urge urges urged hope hopes hoped"  # noqa: E501
MODALITIES = {
    "plan": frozenset(_PLAN.split()),
    "possibility": frozenset(_POSSIBLE.split()),
    "condition": frozenset(_CONDITION.split()),
    "attitude": frozenset(_ATTITUDE.split()),
}
# These make a view of all that follows on them.
VIEWS = frozenset(
    "believe believes believed think thinks thought claim claims claimed allege alleged alleges fear fears feared suggest "
    "suggests suggested view opinion reportedly allegedly rumour rumours hope hopes hoped recommend recommends recommended "
    "demand demands demanded".split()
)
# “is to open” is a plan; so is “about to”.
IS_TO = re.compile(
    r"\b(?:have|has|had|having|needs?|needed|yet|still)\s+to\s+[a-z]{2,}|\b(?:is|are|was|were|be)\s+(?:\w+\s+)?to\s+(?!the\b|a\b|an\b)[a-z]{2,}",
    re.I,
)
SPEECH = frozenset(
    "say says said state states stated tell tells told announce announces announced add adds added report reports "
    "reported note notes noted explain explains explained describe describes described mention mentions mentioned "
    "according call calls called point points pointed confirm confirms confirmed write writes wrote emphasize emphasized "
    "stress stressed declare declared comment commented remark remarked express expressed speak spoke spoken".split()
)
# Words that must be backed by one of their own line: they are short, and turn a sentence round.
_CRITICAL = (
    "more greater larger higher another further additional extra",
    "less fewer lower smaller",
    "all every each entire whole everyone everything always full",
    "some several few partly",
    "most mostly majority",
    "only just solely merely exclusively",
    "before earlier sooner ahead prior previous previously",
    "after later afterwards following subsequently since then next",
    "over above exceed exceeds exceeding exceeded beyond more",
    "under below beneath less fewer",
    "up",
    "down",
    "almost nearly",
    "least minimum",
    "maximum",
    "until till",
    "again",
    "already",
    "any",
    "same equal equally",
    "other others another different",
    "because since owing account thanks therefore reason cause causes caused result",
    "although despite spite though",
    "instead",
    "many much",
    "worst",
    "best",
    "worse",
    "better",
    "against",
    "between",
    "during",
    "out",
    "off",
    "through",
    "within",
    "outside",
    "inside",
    "towards",
    "toward",
    "back",
    "away",
    "ago",
    "yet",
    "ever",
    "together both",
    "both two",
)
_CRITICAL_GROUPS: dict[str, set[int]] = {}
for _number, _line in enumerate(_CRITICAL):
    for _word in _line.split():
        _CRITICAL_GROUPS.setdefault(_word, set()).add(_number)
# A bound directly before a number may not be left out.
BOUND = re.compile(
    r"\b(up to|at (?:least|most)|(?:no )?more than|less than|fewer than|over|under|above|below|nearly|almost"
    r"|maximum(?: of)?|minimum(?: of)?)\s+(?:the |a |an )?$",
    re.I,
)
# Words without a weight of their own: what they add can be seen in any sentence.
FUNCTION = frozenset(
    """
    a an the of to in on at for from by with and or but is are was were be been being am do does did done has have had
    having what which who whom whose when where why how that this these those it its as into about than there their they
    them theirs he she his her hers him i you we us our your my me will would shall should can could may might must not no
    nor cannot if own such very here also well around approximately roughly some s t d ll ve re m per upon via among
    while whereas still even however too so once due namely including include includes included like regarding concerning one ones et al
    """.split()
)
GLUE = frozenset(
    """
    company firm organisation organization group article announcement statement press release report text source take
    takes took taken place name named called known total amount amounts amounted number figure say state mention according
    make made makes give given gave gives hold held holds be become get got come came go went put set let use used
    serve serves served act acts person people man woman thing way part parts sir mr mrs ms dr
    remain remains remained stay stays stayed
    exist exists consist consists comprise comprises currently now
    """.split()
)
_SYNONYMS = (
    "buy purchase acquire acquisition takeover bought",
    "sell sold sale",
    "begin start commence launch began begun",
    "end finish conclude completion complete",
    "work operate run ran function",
    "rise grow increase climb rose grew risen grown growth up",
    "fall decrease decline drop shrink fell shrank fallen reduce reduction cut down",
    "pay paid payment spend spent",
    "cost price",
    "worth value valued",
    "build construct built construction building",
    "make produce manufacture made production maker producer manufacturer",
    "hire recruit",
    "employ employee staff worker workforce",
    "found establish founded founder",
    "lead head led leader leadership",
    "attend attendance present presence participate participant participation guest",
    "sign signing signature signed",
    "cooperate cooperation collaborate collaboration partnership partner",
    "agreement deal contract accord pact memorandum",
    "order ordered place placed",
    "receive get got obtain",
    "give provide supply deliver gave given delivery",
    "show display present shown",
    "help assist support aid",
    "car automobile vehicle automotive auto",
    "ship vessel boat ferry",
    "plant factory facility",
    "firm company business",
    "ceo chief executive",
    "cfo chief financial officer",
    "cto chief technology officer",
    "want wish desire request",
    "because account due owing since",
    "year annual annually yearly",
    "month monthly",
    "week weekly",
    "day daily",
    "enough sufficient",
    "earn profit earnings",
    "revenue turnover",
    "choose select chosen chose pick",
    "win won winner",
    "happen occur",
    "expect anticipate expected forecast predict",
    "plan scheduled planned intend follow",
    "allow permit allowed permitted",
    "forbid prohibit ban",
    "large big",
    "fast quick rapid",
    "approximately about around roughly",
    "further additional another",
    "retire retirement",
    "replace succeed successor",
    "appoint named appointment become",
    "say state tell announce add call describe explain note mention comment remark said told called point report "
    "declare emphasize stress express speak spoke",
    "believe think opinion view",
    "join joined",
    "city town",
    "advantage strength",
    "chair chairman chairwoman chairperson",
    "money fund funding",
    "next following",
    "award prize",
    "raise raised collect",
    "strike walkout",
    "cause reason",
    "publish release",
    "transport carry",
    "location site place",
    "goal aim objective target",
    "run valid last",
    "put estimate reckon",
    "submit apply application file",
    "succeed success successful",
    "extra additional further",
    "entire whole full",
    "old previous former",
    "each every",
    "house home",
    "maintenance service",
    "important key significant",
    "speak talk",
    "start beginning",
    "near close",
    "main principal",
    "pass passing",
    "employ job",
    "test trial pilot",
    "child kid",
    "design designed capacity produce",
    "initial initially",
    "fast speed",
    "big huge",
    "almost nearly",
    "people person resident employee staff",
    "country nation",
    "area region",
    "talk negotiation",
    "rule regulation",
    "journalist reporter press",
    "mistake error",
    "wrong false incorrect",
    "right correct",
    "hospital clinic",
    "warn warning",
    "vote ballot",
    "approve approval",
    "reject rejection",
    "promise pledge",
    "avoid prevent",
    "compete competition competitor rival",
    "customer client",
    "price fee charge",
    "salary wage pay",
    "fix set",
    "visit visitor",
    "guest visitor",
    "travel journey trip",
    "energy power electricity",
    "create creation",
    "develop development",
    "explore exploration",
    "jointly together",
    "entire total",
    "term period",
    "option alternative",
    "carry transport hold",
    "close shut",
    "use usage consumption consume",
    "mid middle",
    "repair fix mend",
    "enlarge expand extend expansion extension",
    "hand handed transfer",
    "doctor physician",
    "road street",
    "show reveal disclose",
    "store storage warehouse",
    "lamp light lighting",
    "need require requirement",
    "try attempt",
    "ensure guarantee",
    "decide decision",
    "discuss discussion",
    "offer offered",
    "choose choice",
    "lose loss",
    "live resident residence",
    "measure measurement",
    "open opening opened",
    "annual yearly",
)
_ALIKE: dict[str, set[int]] = {}
for _number, _line in enumerate(_SYNONYMS):
    for _word in _line.split():
        _ALIKE.setdefault(stem(_word), set()).add(_number)
_GLUE_STEMS = frozenset(stem(word) for word in GLUE)
_SHORTEST_ROOT = 5


@lru_cache(maxsize=100_000)
def alike(one: str, other: str) -> bool:
    """Whether two stems are the same word, forms of it (“operat”, “operation”), or everyday synonyms."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) >= _SHORTEST_ROOT and long.startswith(short):
        return True
    return bool(_ALIKE.get(one, frozenset()) & _ALIKE.get(other, frozenset()))


def is_glue(word_stem: str) -> bool:
    """Whether a word tells so little that a statement may use it though no sentence does."""
    return word_stem in _GLUE_STEMS


def critical_groups(word: str) -> frozenset[int]:
    """The lines of comparison, quantity, order or cause that a lower-case word stands on; empty for most words."""
    return frozenset(_CRITICAL_GROUPS.get(word, ()))
