"""What became of the faults: one row a kind."""

from collections.abc import Callable
from dataclasses import dataclass, field

LOST = ("generations", "articles", "feedback")
COLUMNS = ("tried", *LOST, "answers", "tracebacks", "unnamed", "unrepaired", "leftovers")
HEADS = {
    "tried": "tried",
    "generations": "lost generations",
    "articles": "lost articles",
    "feedback": "lost feedback lines",
    "answers": "wrong answers",
    "tracebacks": "tracebacks",
    "unnamed": "not one line",
    "unrepaired": "unrepaired",
    "leftovers": "leftovers",
}


@dataclass
class Row:
    """Counts of one kind of fault."""

    tried: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS[1:], 0))


@dataclass
class Tally:
    """All counts, and a line for each that should be 0."""

    rows: dict[str, Row] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def report(self, fault: "Fault") -> "Report":
        self.rows.setdefault(fault.kind, Row()).tried += 1
        return Report(self, fault)

    @property
    def tried(self) -> int:
        return sum(row.tried for row in self.rows.values())

    def table(self) -> str:
        """As Markdown."""
        lines = ["| kind of fault | " + " | ".join(HEADS[c] for c in COLUMNS) + " |", "|---|" + "--:|" * len(COLUMNS)]
        total = Row(self.tried)
        for kind, row in self.rows.items():
            for column, count in row.counts.items():
                total.counts[column] += count
            lines.append(_line(kind, row))
        return "\n".join([*lines, _line("all", total)])


def _line(kind: str, row: Row) -> str:
    return f"| {kind} | {row.tried} | " + " | ".join(str(row.counts[c]) for c in COLUMNS[1:]) + " |"


@dataclass(frozen=True)
class Report:
    """Where the checks of one fault say what they found."""

    tally: Tally
    fault: "Fault"

    def missed(self) -> None:
        """The fault did not happen, and does not count."""
        self.tally.rows[self.fault.kind].tried -= 1

    def wrong(self, column: str, what: str) -> None:
        """Something that must not be."""
        self.tally.rows[self.fault.kind].counts[column] += 1
        line = " ".join(f"{self.fault.kind}: {self.fault.label}: {column}: {what}".split())
        self.tally.wrong.append(line[:600])
        print(f"WRONG {line[:600]}", flush=True)


@dataclass(frozen=True)
class Fault:
    """One fault: its kind, what it is, and how to bring it about and look at what is left."""

    kind: str
    label: str
    run: Callable[[Report], None]
