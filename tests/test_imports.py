"""`chat` knows of `indexer` only what its front door shows; `indexer` knows nothing of `chat`."""

import ast

import indexer

from .conftest import ROOT


def imports(package: str) -> list[tuple[str, str, str]]:
    """(file, module, name) of every import in a package; name is "" for `import module`."""
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: relative import"
                found += [(str(path), node.module or "", alias.name) for alias in node.names]
            elif isinstance(node, ast.Import):
                found += [(str(path), alias.name, "") for alias in node.names]
    return found


def test_chat_imports_only_what_indexer_exports() -> None:
    for path, module, name in imports("chat"):
        if module.split(".")[0] == "indexer":
            assert module == "indexer" and name in indexer.__all__, (path, module, name)


def test_indexer_never_imports_chat() -> None:
    assert not [found for found in imports("indexer") if found[1].split(".")[0] == "chat"]


def test_all_that_is_exported_is_there_and_sorted_into_the_list() -> None:
    assert len(set(indexer.__all__)) == len(indexer.__all__)
    assert all(hasattr(indexer, name) for name in indexer.__all__)
