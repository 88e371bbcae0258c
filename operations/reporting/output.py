"""The page of a report as a file: checked for, written at once, told of and opened."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Any

import typer

from operations.operation_error import OperationError
from reports.page import render_page
from reports.page.libraries import LibraryMissingError
from training.artifact.writing import ArtifactError, check_writable, replacing


def check_page(page: Path | None) -> None:
    """Raise OperationError, before any work, where a page could not be written."""
    if page is None:
        return
    try:
        check_writable(page)
    except ArtifactError as error:
        raise OperationError(f"--out: {error}".replace("model.tar.gz", "report.html")) from error


def write_page(page: Path, numbers: dict[str, Any]) -> None:
    """Put the page in its place when it is whole. Raises OperationError."""
    try:
        content = render_page(numbers).encode()
        with replacing(page) as file:
            file.write(content)
    except (LibraryMissingError, ArtifactError) as error:
        raise OperationError(str(error)) from error


def without_pictures(numbers: dict[str, Any]) -> dict[str, Any]:
    """The numbers without any picture."""
    lists = {
        name: [{**record, "picture": None} for record in numbers[name]]
        for name in ("recent", "least_certain")
    }
    return {**numbers, **lists}


def tell_page(page: Path, open_: bool, *, quiet: bool) -> None:
    """Say where the page is, and open it if that is wanted; `quiet`: on standard error."""
    address = page.resolve().as_uri()
    opened = open_ and webbrowser.open(address)
    if open_ and not opened:
        typer.secho("No browser could be opened.", fg="yellow", err=True)
    how = "" if opened or quiet else f"\nOpen it: {address}"
    typer.echo(f"{page}: {page.stat().st_size / 1e6:.1f} MB{how}", err=quiet)
