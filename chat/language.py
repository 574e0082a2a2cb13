"""Which language a question is in: the articles' words cannot be matched with those of another language."""

import re
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_AT_LEAST = 0.2  # a question is short: its probability is low even where its language is plain
_PASSAGE_CHARACTERS = 600
# Words that English questions are made of and that mean nothing in the languages nearest to it.
_ENGLISH = frozenset(
    """
    who what when where why how which whose whom did does is are were the of for about with and have has will would
    there their they this that these those said say says tell from you your can could should been many much
    """.split()
)
_NAMES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch", "pl": "Polish",
    "ru": "Russian", "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "ar": "Arabic", "tr": "Turkish", "sv": "Swedish",
    "da": "Danish", "no": "Norwegian", "fi": "Finnish", "cs": "Czech", "uk": "Ukrainian",
    "el": "Greek", "he": "Hebrew", "hi": "Hindi", "vi": "Vietnamese", "id": "Indonesian", "hu": "Hungarian",
    "ro": "Romanian", "en": "English",
}  # fmt: skip


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted(_NAMES))
    return identifier


def other_language(question: str, passage: str) -> str:
    """The English name of the question's language if it plainly is another than that of the passage, else "".

    `passage` is the best that was retrieved: a French question of French articles is as welcome as any.
    """
    words = re.findall(r"[^\W\d_]+", question.casefold())
    if len(words) < 3 and question.isascii() or _ENGLISH.intersection(words):
        return ""
    code, probability = _identifier().classify(question)
    if code == "en" or probability < _AT_LEAST:
        return ""
    return _NAMES[code] if _identifier().classify(passage[:_PASSAGE_CHARACTERS])[0] != code else ""
