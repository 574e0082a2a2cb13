"""Many askers at once, each asking again as soon as it is answered, against a real server over HTTP.

`python -m tests.benchmarks.load`            throughput, p50, p95, memory, and where the time goes: all questions distinct,
                                             then with repeats
`python -m tests.benchmarks.load growth`     what 20,000 questions add to the server's memory
`python -m tests.benchmarks.load rebuild`    p95 without and with builds: articles added one after the other, then `--full`

The questions are made of rust_blog's own sentences, see `questions`. The askers run in a process of their own on the same
cores, and take some of them: what they take is told.
"""

import argparse
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from indexer import Index, build

OPENINGS = ("What about", "Who says that", "When was it that", "Why is it that", "Is it true that", "How is it that")
POPULAR, SHARE_OF_POPULAR = 50, 0.3
SECONDS = 300
WARM_UP = 2_000
REST = 12
NEWS = "# News {0}\n\nThe team released tool number {0} on Monday, says Ada Lindqvist. It is fast.\n"


@dataclass(frozen=True)
class Server:
    """A running server: its port and its process."""

    port: int
    process: subprocess.Popen[str]
    corpus: Path

    def get(self, path: str) -> str:
        """A page's text."""
        return self._sent("GET", path)

    def post(self, path: str, body: str = "") -> str:
        """What is answered to our own page's request."""
        return self._sent("POST", path, body)

    def _sent(self, method: str, path: str, body: str | None = None) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request(method, path, body, {"X-Quotewire": "1"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status < 300, (path, answer.status, text[:200])
        return text

    def figures(self) -> dict[tuple[str, ...], float]:
        """Its metrics."""
        families = text_string_to_metric_families(self.get("/metrics"))
        return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}

    def memory(self) -> float:
        """Its resident memory, MiB, a moment after it was last asked: what lies free goes back within ten seconds."""
        time.sleep(REST)
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found
        return int(found[1]) / 1024


@contextmanager
def serving(data: Path, index: Path) -> Iterator[Server]:
    """A server of copies of the corpus and its index, as `python -m chat` starts it."""
    build(data / "corpus", index)
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        shutil.copytree(data / "corpus", corpus)
        shutil.copytree(index, Path(folder) / "index")
        command = [sys.executable, "-m", "chat", "serve", "--port", "0", "--corpus", str(corpus)]
        command += ["--index", f"{folder}/index", "--feedback", f"{folder}/feedback.jsonl"]
        with (Path(folder) / "log").open("w") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout
            port = re.search(r":(\d+) ", process.stdout.readline())
            assert port, (Path(folder) / "log").read_text(encoding="utf-8")
            yield Server(int(port[1]), process, corpus)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
            faults = [
                line for line in (Path(folder) / "log").read_text(encoding="utf-8").splitlines() if "Trace" in line
            ]
            assert not faults, faults[0]
        finally:
            process.kill()
            process.wait()


def questions(index: Path) -> list[str]:
    """An opening, in turns, and the first twelve words of a sentence of 6 to 30 words, all of them, in mixed order.

    None occurs twice. Most are answered, since the articles hold those words.
    """
    opened, found = Index.open(index), set()
    for number in range(len(opened.articles)):
        record = opened.record(number)
        for sentence in record.sentences:
            words = re.findall(r"[\w’'.-]*\w", record.text[sentence.start : sentence.end])
            if 6 <= len(words) <= 30:
                found.add(" ".join(words[:12]))
    opened.close()
    mixed = sorted(found, key=lambda words: hashlib.sha256(words.encode()).digest())
    return [f"{OPENINGS[n % len(OPENINGS)]} {words}?" for n, words in enumerate(mixed)]


class Asked:
    """Which question comes next, for all askers: distinct ones, or with a share of repeats of the first `POPULAR`."""

    def __init__(self, distinct: list[str], *, repeats: bool) -> None:
        """Begin with the first question."""
        self._fresh, self._popular = iter(distinct[POPULAR:]), cycle(distinct[:POPULAR])
        self._lock, self._number, self._repeats = threading.Lock(), 0, repeats

    def next(self) -> str:
        """The next question; raises `StopIteration` after the last."""
        with self._lock:
            self._number += 1
            again = self._repeats and self._number % 10 < 10 * SHARE_OF_POPULAR
            return next(self._popular if again else self._fresh)


@dataclass
class Tally:
    """What the askers have seen: seconds of each answer, kinds of answers, errors."""

    seconds: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take in what others have seen."""
        self.seconds += other.seconds
        self.kinds += other.kinds
        self.errors += other.errors

    def percentiles(self) -> tuple[float, float]:
        """p50 and p95, in seconds."""
        low, high = np.percentile(self.seconds, (50, 95))
        return float(low), float(high)


def one_answer(connection: http.client.HTTPConnection, question: str) -> str:
    """Ask by the endpoint `chat`; what came: answer, abstention, or what was wrong."""
    body, kind = json.dumps({"data": [question, []]}), {"Content-Type": "application/json"}
    connection.request("POST", "/gradio_api/call/chat", body, kind)
    posted = connection.getresponse()
    text = posted.read().decode()
    if posted.status != 200:
        return f"{posted.status} {text[:100]}"
    connection.request("GET", f"/gradio_api/call/chat/{json.loads(text)['event_id']}")
    stream = connection.getresponse().read().decode()
    if "event: complete" not in stream:
        return stream[-200:]
    answer = json.loads(re.findall(r"data: (.*)", stream)[-1])[0]
    return "abstention" if answer["abstained"] else "answer"


def ask(server: Server, asked: Asked, askers: int, until: Callable[[int], bool]) -> Tally:
    """Let the askers ask, each its next question once it is answered, until `until(answers so far)`."""
    tally = Tally()

    def asker() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
        while not until(len(tally.seconds)):
            began = time.monotonic()
            try:
                came = one_answer(connection, asked.next())
            except StopIteration:
                break
            except (OSError, http.client.HTTPException) as error:
                came = repr(error)
                connection.close()
            tally.seconds.append(time.monotonic() - began)
            tally.kinds[came if came in ("answer", "abstention") else "error"] += 1
            if came not in ("answer", "abstention"):
                tally.errors.append(came)
        connection.close()

    threads = [threading.Thread(target=asker) for _ in range(askers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def for_seconds(seconds: float) -> Callable[[int], bool]:
    """Whether that time is over."""
    end = time.monotonic() + seconds
    return lambda _: time.monotonic() > end


def row(name: str, tally: Tally, wall: float) -> None:
    """Print what came of it."""
    low, high = tally.percentiles()
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(tally.kinds.items()))
    print(
        f"{name}: {len(tally.seconds)} in {wall:.0f} s, {len(tally.seconds) / wall:.1f} a second, p50 {low:.2f} s, "
        f"p95 {high:.2f} s, slowest {max(tally.seconds):.2f} s; {kinds}; errors {len(tally.errors)} {tally.errors[:1]}",
        flush=True,
    )


def stages(before: dict[tuple[str, ...], float], after: dict[tuple[str, ...], float], wall: float, own: float) -> None:
    """Print where the time went: of an answer by stage, and of both cores."""

    def more(*key: str) -> float:
        return after.get(key, 0) - before.get(key, 0)

    names = sorted({key[1] for key in after if key[0] == "quotewire_stage_seconds_sum"})
    sums = {name: more("quotewire_stage_seconds_sum", name) for name in names}
    answers = sum(more("quotewire_questions_total", *sorted(("api", kind))) for kind in ("answer", "abstention"))
    told = ", ".join(f"{name} {1000 * seconds / answers:.1f}" for name, seconds in sums.items())
    waited = 1000 * more("quotewire_wait_seconds_sum", "api") / answers
    print(
        f"  ms an answer: {told}; all stages {1000 * sum(sums.values()) / answers:.1f}; before its beginning {waited:.0f}"
    )
    cpu = more("process_cpu_seconds_total")
    print(
        f"  CPU: server {1000 * cpu / answers:.1f} ms an answer, {cpu / wall:.2f} cores; askers {own / wall:.2f} cores; "
        f"given again {more('quotewire_answers_again_total'):.0f}",
        flush=True,
    )


def load(options: argparse.Namespace) -> None:
    """Throughput and waiting, all questions distinct, then with repeats."""
    with serving(options.data, options.index) as server:
        distinct = questions(options.index)
        print(f"{len(distinct)} questions, the first of them: {distinct[:3]}")
        ask(server, Asked(distinct[-200:], repeats=False), options.askers, for_seconds(10))
        for name, repeats in (("distinct", False), (f"{SHARE_OF_POPULAR:.0%} repeats of {POPULAR}", True)):
            memory, before, began, own = server.memory(), server.figures(), time.monotonic(), time.process_time()
            of = Asked(distinct[5000 * repeats :], repeats=repeats)
            tally = ask(server, of, options.askers, for_seconds(60 * options.minutes))
            wall = time.monotonic() - began
            row(f"{options.askers} askers, {name}", tally, wall)
            stages(before, server.figures(), wall, time.process_time() - own)
            print(f"  memory: {memory:.0f} → {server.memory():.0f} MiB", flush=True)


def growth(options: argparse.Namespace) -> None:
    """Memory over many distinct questions, after `WARM_UP` others."""
    with serving(options.data, options.index) as server:
        started, began, per_part = server.memory(), time.monotonic(), options.count // 10
        asked = Asked(
            [q for _, q in zip(range(WARM_UP + 2 * options.count), cycle(questions(options.index)), strict=False)],
            repeats=False,
        )
        ask(server, asked, options.askers, lambda count: count >= WARM_UP)
        marks, before = [server.memory()], server.figures()
        print(f"memory: {started:.0f} MiB at the start, {marks[0]:.0f} after {WARM_UP} questions", flush=True)
        whole, middle, own = Tally(), time.monotonic(), time.process_time()
        for part in range(1, 11):
            whole.add(ask(server, asked, options.askers, lambda count: count >= per_part))
            marks.append(server.memory())
            print(
                f"  {marks[-1]:.1f} MiB after {part * per_part} more, {100 * (marks[-1] / marks[0] - 1):+.1f} %",
                flush=True,
            )
        wall = time.monotonic() - middle - REST * (len(marks) - 1)
        row(f"{options.askers} askers, distinct", whole, wall)
        stages(before, server.figures(), wall, time.process_time() - own)
        grown = 100 * (marks[-1] / marks[0] - 1)
        print(f"growth over {options.count} questions: {grown:+.2f} %, {time.monotonic() - began:.0f} s", flush=True)


def rebuild(options: argparse.Namespace) -> None:
    """p95 without a build, while articles are added one after the other, and while all is made anew."""
    with serving(options.data, options.index) as server:
        asked, seconds = Asked(questions(options.index), repeats=False), 60 * options.minutes
        ask(server, asked, options.askers, for_seconds(10))
        calm = ask(server, asked, options.askers, for_seconds(seconds))
        row("no build", calm, seconds)
        for name, change in (("articles added", adding), ("all made anew", anew)):
            end = threading.Event()
            builder = threading.Thread(target=change, args=(server, end))
            builder.start()
            tally = ask(server, asked, options.askers, for_seconds(seconds))
            end.set()
            row(name, tally, seconds)
            print(f"  p95 {tally.percentiles()[1] / calm.percentiles()[1]:.2f} times that of no build", flush=True)
            print(f"  memory {server.memory():.0f} MiB", flush=True)
            builder.join()


def adding(server: Server, end: threading.Event) -> None:
    """Add an article, wait until it is indexed, add the next."""
    number, times = 0, []
    while not end.is_set():
        number, began = number + 1, time.monotonic()
        server.post(f"/library?name=news-{os.getpid()}-{number}.md", NEWS.format(number))
        while json.loads(server.get("/library?known=none"))["building"]["running"] and not end.wait(0.2):
            pass
        times.append(time.monotonic() - began)
    print(f"  {number} articles added, {np.median(times):.1f} s each", flush=True)


def anew(server: Server, end: threading.Event) -> None:
    """Have all made anew; the server's end leaves it unfinished."""
    server.post("/library/rebuild")
    end.wait()
    state = json.loads(server.get("/library?known=none"))["building"]
    print(f"  {state['done']} of {state['total']} passages", flush=True)


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", nargs="?", choices=("load", "growth", "rebuild"), default="load")
    parser.add_argument("--data", type=Path, default=Path("../shared/data/rust_blog"))
    parser.add_argument("--index", type=Path, default=Path(".indexes/rust_blog"))
    parser.add_argument("--askers", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5, help="of each row (default: 5)")
    parser.add_argument("--count", type=int, default=20_000, help="questions, for growth")
    options = parser.parse_args()
    {"load": load, "growth": growth, "rebuild": rebuild}[options.mode](options)


if __name__ == "__main__":
    main()
