"""Checkpoints: bytes under their SHA-256, in a local folder or at any URL that fsspec can write to (s3://, sftp://, …)."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from scaling_search.data.array_cache import AtomicReplace
from scaling_search.errors import CheckpointError, InputError
from scaling_search.spec.run import is_url, unusable
from scaling_search.spec.study import StudySpec

DIGEST = 32
"""Bytes of a SHA-256."""
log = logging.getLogger(__name__)

Location = str | Path
"""A path, or a URL."""


def _local(where: Location) -> Path | None:
    """The path of what lies on this machine's file systems, None of what does not."""
    text = str(where)
    if text.startswith("file://"):
        return Path(text.removeprefix("file://"))
    return None if is_url(text) else Path(text)


def absolute(where: Location) -> str:
    """The same place for processes with another working folder."""
    path = _local(where)
    return str(where) if path is None else os.path.abspath(path)


def folder_of(spec: StudySpec, default: Location) -> str:
    """Where a study's checkpoints lie: a folder of its name, where it says or else in ``default``."""
    return f"{str(spec.run.checkpoints or default).rstrip('/')}/{spec.name}"


def checkpoint_of(folder: Location, number: int) -> str:
    """Where the checkpoint of a trial lies in its study's folder."""
    return f"{str(folder).rstrip('/')}/{number}.pt"


def _opened(where: Location) -> tuple[Any, str]:
    """(fsspec's file system, the path inside of it)."""
    from fsspec.core import url_to_fs

    files, path = url_to_fs(str(where))
    return files, str(path)


@contextmanager
def _told(what: str, remedy: str) -> Iterator[None]:
    """Every file system has errors of its own; all become one.

    Raises:
        CheckpointError: ``what`` went wrong, and why.
    """
    try:
        yield
    except Exception as e:
        reason = (isinstance(e, OSError) and e.strerror) or str(e) or type(e).__name__
        raise CheckpointError(f"{what}: {reason}", remedy) from e


def _refuse(folder: str) -> None:
    """Raise InputError where no such URL can be used here; no server is asked."""
    reason = unusable(folder)
    if reason is None and is_url(folder):
        from fsspec import get_filesystem_class

        try:
            get_filesystem_class(folder.split("://", maxsplit=1)[0])
        except ImportError as e:
            reason = f"{e} (s3: pip install 'scaling-search[s3]')"
    if reason is not None:
        raise InputError(f"checkpoints at {folder}: {reason}", "see run.checkpoints, SCALING_SEARCH_CHECKPOINTS")


def make_folder(folder: Location) -> None:
    """See that checkpoints can be written there, before anything is trained: a URL is tried with a small file.

    Raises:
        InputError: no such URL can be used here.
        CheckpointError: the folder cannot be made or written.
    """
    _refuse(str(folder))
    path = _local(folder)
    remedy = "see to its permissions and space, or give another place: run.checkpoints, SCALING_SEARCH_CHECKPOINTS"
    with _told(f"cannot make the folder for checkpoints {folder}", remedy):
        if path is not None:
            path.mkdir(parents=True, exist_ok=True)
            return
        files, inside = _opened(folder)
        files.makedirs(inside, exist_ok=True)
    trial = f"{str(folder).rstrip('/')}/trial"
    write(trial, b"")
    remove(trial)


def write(where: Location, body: bytes) -> None:
    """Write bytes after their SHA-256, whole or not at all: beside what they replace, then moved into its place.

    Raises:
        CheckpointError: it cannot be written, or the disk is full.
    """
    sealed, path = hashlib.sha256(body).digest() + body, _local(where)
    with _told(f"cannot write the checkpoint {where}", "see to its space and permissions"):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)  # of a Ray node that does not share it
            with AtomicReplace(path) as temporary:
                temporary.write_bytes(sealed)
            return
        files, inside = _opened(where)
        files.pipe_file(f"{inside}.tmp", sealed)
        files.mv(f"{inside}.tmp", inside)


def read(where: Location) -> bytes | None:
    """The bytes, or None when there are none or they are damaged.

    Raises:
        CheckpointError: the server of a URL does not answer.
    """
    path = _local(where)
    if path is not None:
        try:
            raw = path.read_bytes()
        except OSError:
            return None
    else:
        with _told(f"cannot read the checkpoint {where}", "run the study again once its server answers"):
            files, inside = _opened(where)
            try:
                raw = files.cat_file(inside)
            except FileNotFoundError:
                return None
    digest, body = raw[:DIGEST], raw[DIGEST:]
    return body if hashlib.sha256(body).digest() == digest else None


def remove(where: Location) -> None:
    """Delete a checkpoint and what a killed run left beside it. One that cannot be deleted costs space alone: a warning."""
    path = _local(where)
    try:
        if path is not None:
            path.unlink(missing_ok=True)
            return
        files, inside = _opened(where)
        for name in (inside, f"{inside}.tmp"):
            with suppress(FileNotFoundError):
                files.rm_file(name)
    except Exception as e:
        log.warning("cannot remove the checkpoint %s: %s", where, e)
