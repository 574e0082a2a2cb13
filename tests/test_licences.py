"""Every package that Quotewire needs has a licence that asks nothing of who runs it, or a written reason to stay.

`python -m tests.test_licences` prints the list; nothing is asked of the network.
"""

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

from tests.browser import ROOT

ALLOWED = {
    "0BSD", "APACHE", "APACHE-2.0", "BSD", "BSD-2-CLAUSE", "BSD-3-CLAUSE", "BSL-1.0", "CC0-1.0", "CNRI-PYTHON", "ISC",
    "LLVM-EXCEPTION", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "UNLICENSE", "ZLIB",
}  # fmt: skip
REASONS = {
    "certifi": "MPL-2.0: Mozilla's list of certificates, used as it is; only changes to its own files would have to be shared",
    "orjson": "MPL-2.0 and (Apache-2.0 or MIT): used as it is; only changes to its own files would have to be shared",
    "tld": "MPL-1.1, GPL-2.0 or LGPL-2.1, as one chooses: MPL-1.1, used as it is; trafilatura needs it",
    "tqdm": "MPL-2.0 and MIT: used as it is; only changes to its own files would have to be shared",
}
NAMES = (("Apache", "Apache-2.0"), ("BSD", "BSD"), ("MIT", "MIT"), ("ISC", "ISC"), ("MPL", "MPL-2.0"), ("GPL", "GPL"))


def needed(requirements: Iterable[str]) -> dict[str, Distribution]:
    """The packages that these need, and what those need, as far as they are installed."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        try:
            known, package = name in found, distribution(wanted.name)
        except PackageNotFoundError:
            assert wanted.marker or extra, f"{wanted} is not installed"
            continue
        found[name] = package
        for wish in ["", *wanted.extras] if not known else wanted.extras:
            waiting += [(Requirement(text), wish) for text in package.requires or ()]
    return found


def licence(package: Distribution) -> str:
    """What its metadata say: the expression, else the classifiers, else the short text."""
    told = package.metadata
    if told["License-Expression"]:
        return str(told["License-Expression"])
    kinds = [kind.rpartition(" :: ")[2] for kind in told.get_all("Classifier") or () if kind.startswith("License ::")]
    words = " AND ".join(kinds) or (told["License"] or "").partition("\n")[0]
    known = [short for word, short in NAMES if word in words]
    return " AND ".join(known) or words or "none told"


def refused(expression: str) -> bool:
    """Whether a part of the expression is none of the allowed; of what may be chosen, one is enough."""
    parts = re.split(r"\s+AND\s+", expression.replace("(", "").replace(")", ""), flags=re.IGNORECASE)
    return not all(
        any(all(word.upper() in ALLOWED for word in choice.split(" WITH ")) for choice in part.split(" OR "))
        for part in parts
    )


def all_needed() -> dict[str, Distribution]:
    return needed(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"])


def test_every_licence_is_allowed_or_has_a_reason() -> None:
    found = all_needed()
    assert len(found) > 60
    assert {
        name: licence(package) for name, package in found.items() if refused(licence(package))
    }.keys() <= REASONS.keys()


def test_no_reason_is_left_over_and_a_copyleft_licence_is_seen() -> None:
    found = all_needed()
    assert all(refused(licence(found[name])) for name in REASONS if name in found)
    assert refused("GPL-3.0-only") and refused("MIT AND AGPL-3.0-or-later") and refused("none told")
    assert not refused("MIT OR GPL-2.0-only") and not refused("Apache-2.0 WITH LLVM-exception AND (MIT OR GPL-2.0)")


if __name__ == "__main__":
    for name, package in sorted(all_needed().items()):
        print(f"{name:28} {package.version:14} {licence(package):50} {REASONS.get(name, '')}".rstrip())
