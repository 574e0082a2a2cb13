"""What a server that was killed while a file was added has left in the corpus folder."""

import logging
import os
import re
from pathlib import Path

log = logging.getLogger(__name__)
_PART = re.compile(r"\..+\.(\d+)\.\d+\.part", re.DOTALL)  # as `written_durably` names them


def remove_leftovers(corpus: Path, before: float) -> None:
    """Remove the parts of files last written `before` (seconds since 1970) whose process has ended.

    What another process still writes stays; what cannot be removed is logged.
    """
    for folder, _, names in os.walk(corpus):
        for name in names:
            found, path = _PART.fullmatch(name), Path(folder, name)
            try:
                if found and not _runs(int(found[1])) and path.lstat().st_mtime < before:
                    path.unlink()
                    log.warning("%s: removed, for a server that was killed had left it unfinished", path)
            except OSError as error:
                log.warning("%s: was left by a server that was killed, and cannot be removed: %s", path, error)


def _runs(process: int) -> bool:
    """Whether another process of this number runs; in a container, ours may have the number of the one before."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it runs, as another user
        return True
    return True
