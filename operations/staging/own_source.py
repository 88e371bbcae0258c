"""What `scones stage` was asked for, as a source of a person's own pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import is_zipfile

from contracts.written_text import Line, TextProblem, read_lines, written_lines
from operations.aws.clients import s3_client
from operations.aws.s3_location import is_s3, read_s3_location
from operations.staging.s3_folder import S3Folder, object_chunks, read_object
from operations.staging.s3_pack import S3Pack
from training.staging.example import StagingError
from training.staging.own.archive import ZipFolder
from training.staging.own.folder import FolderSource, statefarm
from training.staging.own.groups import NO_ROWS, GroupBy, Rows, read_group_by, read_rows
from training.staging.own.lists import ListSource
from training.staging.own.manifests import ManifestSource
from training.staging.own.packs import DiskPack, Pack, PackSource
from training.staging.own.parted import PartedSource
from training.staging.own.place import DiskFolder, Place
from training.staging.sample import SampleSource, shown

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FILES = {"list": (".lst",), "recordio": (".rec",), "manifest": (".manifest", ".jsonl", ".json", ".csv")}
"""How files end that are no folders, by what reads them."""


@dataclass(frozen=True, kw_only=True)
class OwnOptions:
    """`path` is a folder, a zip archive or a file, here or in S3; the others are options of the verb.

    `validation` and `test` are files like `path`, of pictures that stay in that split.
    """

    kind: str
    path: str
    classes: tuple[str, ...] | None = None
    validation: str | None = None
    test: str | None = None
    group_by: str | None = None
    groups: Path | None = None
    root: str | None = None
    label_at: int | None = None
    attribute: str | None = None

    @cached_property
    def s3(self) -> S3Client:
        return s3_client()


def own_source(options: OwnOptions) -> SampleSource:
    """Raises StagingError and OperationError for what is not there or cannot be meant."""
    _require_meant(options)
    files = {"validation": options.validation, "test": options.test}
    others = {part: _source(replace(options, path=path)) for part, path in files.items() if path is not None}
    source = _source(options)
    return PartedSource(source, others) if others else source


def _source(options: OwnOptions) -> SampleSource:
    group_by = read_group_by(options.group_by) if options.group_by else None
    if options.kind == "folder":
        rows = _rows(options.groups, group_by)
        place = _place(options, options.path)
        return FolderSource(place, group_by, rows, wrapped=isinstance(place, ZipFolder))
    if options.kind == "statefarm":
        return statefarm(_place(options, options.path))
    if options.kind == "recordio":
        return PackSource(_pack(options), options.classes, options.label_at, group_by)
    where, parent = options.path, options.path.rstrip("/").rpartition("/")[0]
    place = _place(options, options.root or parent or ".")
    name = options.path.rpartition("/")[2].partition(".")[0] or options.kind
    lines = _lines(options, where)
    if options.kind == "list":
        return ListSource(name, where, lines, place, options.classes, options.label_at, group_by)
    return ManifestSource(
        name,
        where,
        lines,
        place,
        lambda address: read_object(options.s3, read_s3_location(address)),
        options.classes,
        options.attribute,
        group_by,
    )


def _require_meant(options: OwnOptions) -> None:
    kinds = {
        "--validation": (options.validation, ("list", "manifest", "recordio")),
        "--test": (options.test, ("list", "manifest", "recordio")),
        "--groups": (options.groups, ("folder",)),
        "--group-by": (options.group_by, ("folder", "list", "manifest", "recordio")),
        "--root": (options.root, ("list", "manifest")),
        "--label-at": (options.label_at, ("list", "recordio")),
        "--attribute": (options.attribute, ("manifest",)),
    }
    for flag, (value, meant) in kinds.items():
        if value is not None and options.kind not in meant:
            raise StagingError(f"{flag} is for {' and '.join(meant)}, not for {options.kind}.")
    if options.groups and (options.group_by is None or ":" in options.group_by):
        raise StagingError("--groups FILE.csv needs --group-by COLUMN, the column that names the group.")
    by_field = options.group_by and ":" not in options.group_by and not options.groups
    if by_field and options.kind in ("folder", "list", "recordio"):
        raise StagingError(
            f"--group-by {options.group_by}: a {options.kind} has no columns. Take part:N or match:REGEX"
            + (
                ", or name a CSV that has this column with --groups FILE.csv."
                if options.kind == "folder"
                else "."
            )
        )


def _place(options: OwnOptions, path: str) -> Place:
    if is_s3(path):
        if path.lower().endswith(".zip"):
            raise StagingError(
                f"{shown(path)}: a zip archive is read from disk, not from S3. Copy it here, or unpack it "
                "there."
            )
        return S3Folder(options.s3, path)
    local = Path(path)
    if not local.is_file():
        return DiskFolder(local)
    if local.suffix.lower() == ".zip" or is_zipfile(local):
        return ZipFolder(local)
    raise StagingError(f"{shown(path)} is a file, neither a folder nor a zip archive. {_what_to_do(local)}")


def _what_to_do(file: Path) -> str:
    """What somebody means who names this file where a folder is expected."""
    for kind, endings in _FILES.items():
        if file.name.lower().endswith(endings):
            return f"Take scones stage {kind} {shown(str(file))}."
    return "Unpack it, and name the folder."


def _pack(options: OwnOptions) -> Pack:
    if is_s3(options.path):
        return S3Pack(options.s3, read_s3_location(options.path))
    return DiskPack(Path(options.path))


def _lines(options: OwnOptions, where: str) -> Callable[[], Iterator[Line]]:
    if is_s3(where):
        location = read_s3_location(where)
        return lambda: written_lines(object_chunks(options.s3, location), where)
    if not Path(where).is_file():
        is_folder = f" It is a folder: scones stage folder {shown(where)}." if Path(where).is_dir() else ""
        raise StagingError(f"There is no file {shown(where)}.{is_folder}")
    return lambda: read_lines(Path(where))


def _rows(path: Path | None, group_by: GroupBy | None) -> Rows:
    if path is None or group_by is None or group_by.column is None:
        return NO_ROWS
    try:
        return read_rows(read_lines(path), str(path), group_by.column)
    except TextProblem as error:
        raise StagingError(str(error)) from error
    except OSError as error:
        raise StagingError(f"--groups {path}: {error.strerror}.") from error
