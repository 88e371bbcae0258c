"""What the documents refer to exists: links and their anchors, paths, modules, verbs and their options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from typer.main import get_command

from operations.verbs import app

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (".", "docs", "docs/adr", "emulator", "emulator/docs/adr")
DOCUMENTS = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.md"))]
EMULATOR = ROOT / "emulator"
SOURCES = (ROOT, EMULATOR, EMULATOR / "src", EMULATOR / "src" / "loopback_aws")
WRITTEN = (".md", ".py", ".toml", ".txt", ".yml")
"""Suffixes of files that people write; files of others may be made by a program."""
MADE = ("build", ".venv", "node_modules", ".local")
FENCES = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
VARIABLE = r"[A-Z]+=(?:\"[^\"]*\"|\S+)"


def prose(document: Path) -> str:
    return FENCES.sub("", document.read_text(encoding="utf-8"))


def code() -> Iterator[tuple[Path, str]]:
    """Of each document the spans of code, and the lines of its fenced blocks without a shell's comments."""
    for document in DOCUMENTS:
        for block in FENCES.findall(document.read_text(encoding="utf-8")):
            yield from ((document, re.sub(r"(^|\s)#.*", "", line)) for line in block.splitlines())
        yield from ((document, span) for span in re.findall(r"`([^`]+)`", prose(document)))


def told(document: Path, text: str) -> str:
    return f"{document.relative_to(ROOT)}: {text}"


def anchors(document: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_to_files_and_headings_that_exist() -> None:
    links = [
        (document, *target.partition("#"))
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(document))
        if not target.startswith("http")
    ]
    assert len(links) > 50
    broken = [
        told(document, name + sharp + anchor)
        for document, name, sharp, anchor in links
        for path in [document.parent / name if name else document]
        if not path.exists() or (anchor and anchor not in anchors(path))
    ]
    assert broken == []


def test_paths_exist() -> None:
    paths = [(document, path) for document, span in code() for path in paths_in(span)]
    assert len(paths) > 50
    assert [
        told(document, path)
        for document, path in paths
        if not any(any(base.glob(path)) for base in (document.parent, *SOURCES))
    ] == []


def paths_in(span: str) -> Iterator[str]:
    """What looks like a path of the checkout: below a folder of it, or a file that people write."""
    for word in re.findall(r"(?<![\w/.:<-])[\w.*-]+(?:/[\w.*-]+)*/?(?![\w<])", span):
        first, slash, _ = word.partition("/")
        suffix = Path(word).suffix
        below = slash and not suffix and any((base / first).is_dir() for base in SOURCES)
        if first not in MADE and (below or suffix in WRITTEN):
            yield word.rstrip("/")


def test_modules_exist() -> None:
    packages = {path.parent.name for base in SOURCES[::2] for path in base.glob("*/__init__.py")}
    modules = [
        (document, module)
        for document, span in code()
        for module in (*re.findall(r"python3? -m ([\w.]+)", span), *re.findall(r"^(?:\w+\.)+\w+$", span))
        if module.partition(".")[0] in packages and not module.endswith(".py")
    ]
    assert len(modules) > 10
    assert [told(document, module) for document, module in modules if not is_module(module)] == []


def is_module(name: str) -> bool:
    paths = [base.joinpath(*name.split(".")) for base in SOURCES]
    return any(path.with_suffix(".py").is_file() or (path / "__init__.py").is_file() for path in paths)


def test_verbs_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    known |= {f"{name}=" for name in re.findall(r"^([A-Z]+) \?=", makefile, re.MULTILINE)}
    used = [
        (document, re.sub(r"=.*", "=", word))
        for document, span in code()
        for words in re.findall(rf"(?:^|&& |\$\()make((?: +(?:{VARIABLE}|[a-z]+))+)", span)
        for word in re.findall(rf"{VARIABLE}|[a-z]+", words)
    ]
    assert len(used) > 30
    assert [told(document, word) for document, word in used if word not in known] == []


def test_verbs_of_the_command_line_exist_and_have_the_options() -> None:
    verbs = {
        name: {option for parameter in command.params for option in parameter.opts} | {"--help"}
        for name, command in getattr(get_command(app), "commands").items()  # noqa: B009 - typer's own group
    }
    used = [
        (document, verb, option)
        for document, span in code()
        for verb, rest in re.findall(r"\bscones ([a-z]+)([^|&;)]*)", span)
        for option in re.findall(r"(?<= )--[a-z-]+", rest) or [""]
    ]
    assert len(used) > 30
    assert [
        told(document, f"{verb} {option}")
        for document, verb, option in used
        if option not in {"", *verbs.get(verb, ())} or verb not in verbs
    ] == []


def test_each_step_of_the_reports_names_its_room_and_modules() -> None:
    _, _, table = prose(ROOT / "docs" / "architecture.md").partition("| step | in `reports/` |\n|---|---|\n")
    rows = table.partition("\n\n")[0].splitlines()
    assert len(rows) > 3
    for row in rows:
        (room, *_), names = re.findall(r"`(\w+)/`", row), re.findall(r"`([a-z_]+)`", row)
        places = (ROOT / "reports" / room, ROOT / "reports")
        assert places[0].is_dir(), room
        assert [name for name in names if not any((place / f"{name}.py").is_file() for place in places)] == []


def test_the_architecture_says_what_each_package_is() -> None:
    text = prose(ROOT / "docs" / "architecture.md")
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert [package for package in sorted(packages) if f"`{package}" not in text] == []
