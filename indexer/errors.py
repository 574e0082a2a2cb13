"""Errors that a user can mend. Each message says in one line what is wrong, where, and what to do.

QuotewireError
├── CorpusError        the corpus folder cannot be used
├── UnreadableArticle  one file cannot be read: it is named, skipped and reported, the rest goes on
├── ParserFailed       the process that parses files cannot be started
├── IndexMissing       there is no index at this place
├── IndexDamaged       a file of the index is not what its checksum says
├── IndexMismatch      the index was made by another model or with other settings than are asked for
├── IndexBusy          another build holds the index
├── IndexUnwritable    the index folder cannot be written: a full disk, or one to read from alone
├── StoreUnavailable   the Milvus server does not answer, or refuses
├── NotReady           the index is being made: ask again in a moment
├── ModelError         the embedding model cannot be loaded
└── QuestionFileError  a line of a question or results file is not what the format says
"""


class QuotewireError(Exception):
    """Base of all errors that a user can mend; the commands print it as one line and exit with 2."""


class CorpusError(QuotewireError):
    """The corpus folder cannot be used."""


class UnreadableArticle(QuotewireError):
    """One article file cannot be read; the message is the reason alone, without the path."""


class ParserFailed(QuotewireError):
    """The process that parses files cannot be started: no file's fault, so none is skipped for it."""


class IndexMissing(QuotewireError):
    """There is no index at this place."""


class IndexDamaged(QuotewireError):
    """A file of the index is missing, truncated or altered."""


class IndexMismatch(QuotewireError):
    """The index was made by another model or with other settings than are asked for."""


class IndexBusy(QuotewireError):
    """Another build holds the index."""


class IndexUnwritable(QuotewireError):
    """The index folder cannot be written; what was there still serves."""


class StoreUnavailable(QuotewireError):
    """The Milvus server that holds the index does not answer, or refuses what is asked of it."""


class NotReady(QuotewireError):
    """The index is being made, or could not be; the message tells a visitor what to do."""


class ModelError(QuotewireError):
    """The embedding model cannot be loaded."""


class QuestionFileError(QuotewireError):
    """A line of a question file or a results file is not what the format says."""
