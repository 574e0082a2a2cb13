"""Which faults there are."""

import subprocess
from collections.abc import Callable, Sequence
from functools import partial

from .appends import articles, feedback, feedback_on_full_disk
from .builds import failing_calls, full_disks, kills, kills_in_a_row, read_only
from .child import strace_missing
from .damage import damages
from .scenes import scenes
from .tally import Fault, Tally
from .together import changed_meanwhile, clocks, followed, two_builders
from .workshop import Workshop

_QUICK = ("first build", "article changed", "--full")
_ON_A_DISK = ("first build", "article changed", "--full", "old generations removed")


def planned(shop: Workshop, tally: Tally, only: str = "", *, quick: bool = False) -> list[Fault]:
    """All faults, or those of a kind that holds the words; what cannot be tried here is said in `tally.left_out`."""
    no_strace = strace_missing()
    found: list[Fault] = []
    for title, needs_strace, make in _kinds(shop, quick=quick):
        if only not in title:
            continue
        if needs_strace and no_strace:
            tally.left_out.append(f"not tried: {title}: {no_strace}")
            continue
        try:
            found.extend(make())
        except subprocess.CalledProcessError as error:
            tally.left_out.append(f"not tried: {title}: {(error.stderr or b'').decode(errors='replace').strip()}")
    return found


def _kinds(shop: Workshop, *, quick: bool) -> list[tuple[str, bool, Callable[[], Sequence[Fault]]]]:
    """Name, whether strace is needed, and what makes the faults."""
    made = {scene.name: scene for scene in scenes(shop, _QUICK if quick else ())}
    kinds: list[tuple[str, bool, Callable[[], Sequence[Fault]]]] = []
    for name, scene in made.items():
        kinds.append((f"SIGKILL, {name}", True, partial(kills, shop, scene)))
    for name in [name for name in _ON_A_DISK if name in made]:
        kinds.append((f"a call fails, {name}", True, partial(failing_calls, shop, made[name])))
        kinds.append((f"disk full, {name}", False, partial(full_disks, shop, made[name])))
    for name, scene in made.items():
        if scene.old is not None:
            kinds.append((f"read-only index, {name}", False, partial(read_only, shop, scene)))
    kinds.append(("damage", False, partial(damages, shop)))
    kinds.append(("SIGKILL or a call fails, feedback", True, partial(feedback, shop)))
    kinds.append(("disk full, feedback", False, partial(feedback_on_full_disk, shop)))
    kinds.append(("SIGKILL or a call fails, articles", True, partial(articles, shop)))
    for name in ("article changed", "--full"):
        kinds.append((f"two builders, {name}", False, partial(two_builders, shop, made[name])))
    kinds.append(("articles change", False, partial(changed_meanwhile, shop)))
    kinds.append(("clock", False, partial(clocks, shop)))
    if not quick:
        for name in ("article changed", "old generations removed"):
            kinds.append((f"kills in a row, {name}", True, partial(kills_in_a_row, shop, made[name])))
        kinds.append(("server follows", False, partial(followed, shop)))
    return kinds
