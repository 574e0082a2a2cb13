"""Try the faults, one after the other, and print what became of them: `python -m tests.faults [--faults N]`."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # children are forked: no thread may have been started before
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import torch

from .plan import planned
from .tally import Fault, Tally
from .workshop import Workshop


def main() -> int:
    """Returns 1 if anything was lost, wrong or not said in one line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--faults", type=int, metavar="N", help="about how many, of every kind some (default: all)")
    parser.add_argument("--only", default="", metavar="WORDS", help="only kinds whose name holds these words")
    parser.add_argument("--quick", action="store_true", help="fewer scenes, for a test")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts there too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    tally, began = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        shop = Workshop(Path(folder).resolve())
        faults = planned(shop, tally, options.only, quick=options.quick)
        chosen = _sample(faults, options.faults or len(faults))
        print(f"{len(chosen)} faults of {len(faults)}; {time.monotonic() - began:.0f} s to prepare", flush=True)
        with suppress(KeyboardInterrupt):  # what was tried until then is told
            _try_all(chosen, tally)
    print(tally.table())
    for line in (*tally.left_out, *tally.wrong):
        print(line)
    print(f"{tally.tried} faults, {len(tally.wrong)} not as they should be; {time.monotonic() - began:.0f} s")
    if options.json:
        rows = {kind: {"tried": row.tried, **row.counts} for kind, row in tally.rows.items()}
        options.json.write_text(json.dumps({"rows": rows, "left_out": tally.left_out, "wrong": tally.wrong}))
    return 1 if tally.wrong else 0


def _try_all(faults: Sequence[Fault], tally: Tally) -> None:
    told = time.monotonic()
    for number, fault in enumerate(faults):
        if time.monotonic() - told > 30:
            told = time.monotonic()
            print(f"{number} of {len(faults)}: {fault.kind}: {fault.label}", flush=True)
        report = tally.report(fault)
        try:
            fault.run(report)
        except Exception as error:  # noqa: BLE001 - one fault that goes wrong must not hide the others
            report.wrong("tracebacks", f"{type(error).__name__}: {error}")


def _sample(faults: Sequence[Fault], count: int) -> list[Fault]:
    """About so many, evenly of every kind, and one at least."""
    kinds: dict[str, list[Fault]] = {}
    for fault in faults:
        kinds.setdefault(fault.kind, []).append(fault)
    chosen = []
    for of_kind in kinds.values():
        few = min(len(of_kind), max(1, round(len(of_kind) * count / len(faults))))
        chosen += [of_kind[(2 * number + 1) * len(of_kind) // (2 * few)] for number in range(few)]
    return chosen


if __name__ == "__main__":
    sys.exit(main())
