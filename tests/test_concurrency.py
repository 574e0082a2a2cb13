"""Twenty askers while the index is rebuilt ten times: no error, and no answer made of two generations."""

import re
import threading
from pathlib import Path

from chat.assistant import Assistant
from indexer import Embedder, build

EDITION = re.compile(r"edition (\d+)")


def write_edition(corpus: Path, number: int) -> None:
    corpus.mkdir(exist_ok=True)
    for name, fact in (
        ("lamp", "the lamp costs 40 euros"),
        ("boat", "the boat costs 900 euros"),
        ("chair", "the chair costs 70 euros"),
    ):
        text = f"Price list {name}\n\nIn edition {number} of the price list {fact}. The shop in Oslo sells it.\n"
        (corpus / f"{name}.txt").write_text(text, encoding="utf-8")


def test_askers_during_rebuilds(tmp_path: Path, embedder: Embedder) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    write_edition(corpus, 0)
    build(corpus, index, embedder=embedder)
    assistant = Assistant(index, never_abstain=True)
    stop, errors, editions = threading.Event(), [], set()
    answers = [0] * 20

    def ask(number: int) -> None:
        try:
            while not stop.is_set():
                answer = assistant.ask("what do the lamp, the boat and the chair cost in the price list?")
                shown = [quote.text for quote in answer.quotes]
                shown += [answer.index.record(h.span.article).text[h.span.start : h.span.end] for h in answer.passages]
                held = {edition for text in shown for edition in EDITION.findall(text)}
                assert len(held) == 1, held
                editions.update(held)
                answers[number] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, the test reports it
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for number in range(1, 11):
        write_edition(corpus, number)
        build(corpus, index, embedder=embedder)
    stop.set()
    for thread in threads:
        thread.join(60)
    assert not errors
    assert all(answers) and len(editions) >= 2
    assert "edition 10 " in assistant.ask("what does the lamp cost in the price list?").quotes[0].text
