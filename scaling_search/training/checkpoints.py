"""Checkpoint files: a SHA-256, then the bytes. They are in a local folder or at a URL that fsspec can write (s3://, sftp://, …)."""

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

DIGEST_BYTES = 32
"""Length of a SHA-256."""
log = logging.getLogger(__name__)

Location = str | Path
"""A path, or a URL."""


def _local_path(location: Location) -> Path | None:
    """The local path of a location, or None for a URL other than file://."""
    text = str(location)
    if text.startswith("file://"):
        return Path(text.removeprefix("file://"))
    return None if is_url(text) else Path(text)


def absolute(location: Location) -> str:
    """The location in a form that does not depend on the working directory."""
    path = _local_path(location)
    return str(location) if path is None else os.path.abspath(path)


def folder_of(spec: StudySpec, default: Location) -> str:
    """Folder of a study's checkpoints: a folder of the study's name in ``run.checkpoints`` or else in ``default``."""
    return f"{str(spec.run.checkpoints or default).rstrip('/')}/{spec.name}"


def checkpoint_of(folder: Location, number: int) -> str:
    """Location of a trial's checkpoint in the folder of its study."""
    return f"{str(folder).rstrip('/')}/{number}.pt"


def _open_file_system(location: Location) -> tuple[Any, str]:
    """(fsspec file system, path in it)."""
    from fsspec.core import url_to_fs

    file_system, path = url_to_fs(str(location))
    return file_system, str(path)


@contextmanager
def _as_checkpoint_error(problem: str, hint: str) -> Iterator[None]:
    """Turn every error in the block into a CheckpointError, because each file system raises errors of its own."""
    try:
        yield
    except Exception as e:
        reason = (isinstance(e, OSError) and e.strerror) or str(e) or type(e).__name__
        raise CheckpointError(f"{problem}: {reason}", hint) from e


def _check_usable(folder: str) -> None:
    """Check the form of a URL and that its package is installed, without contacting a server.

    Raises:
        InputError: checkpoints cannot be stored there.
    """
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
    """Make the folder before anything is trained. For a URL, also write and remove a small file.

    Raises:
        InputError: the URL is of a kind that cannot be used.
        CheckpointError: the folder cannot be created or written.
    """
    _check_usable(str(folder))
    path = _local_path(folder)
    hint = "check its permissions and free space, or choose another folder: run.checkpoints, SCALING_SEARCH_CHECKPOINTS"
    with _as_checkpoint_error(f"cannot make the folder for checkpoints {folder}", hint):
        if path is not None:
            path.mkdir(parents=True, exist_ok=True)
            return
        file_system, folder_path = _open_file_system(folder)
        file_system.makedirs(folder_path, exist_ok=True)
    trial = f"{str(folder).rstrip('/')}/trial"
    write(trial, b"")
    remove(trial)


def write(location: Location, body: bytes) -> None:
    """Write a checkpoint atomically: to a temporary file, which then replaces the old checkpoint.

    Raises:
        CheckpointError: it cannot be written, for example because the disk is full.
    """
    content, path = hashlib.sha256(body).digest() + body, _local_path(location)
    with _as_checkpoint_error(f"cannot write the checkpoint {location}", "check the free space and the permissions"):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)  # on a Ray node that does not share the folder
            with AtomicReplace(path) as temporary:
                temporary.write_bytes(content)
            return
        file_system, file_path = _open_file_system(location)
        file_system.pipe_file(f"{file_path}.tmp", content)
        file_system.mv(f"{file_path}.tmp", file_path)


def read(location: Location) -> bytes | None:
    """The bytes of a checkpoint, or None if it is missing or damaged.

    Raises:
        CheckpointError: the server of a URL does not answer.
    """
    path = _local_path(location)
    if path is not None:
        try:
            raw = path.read_bytes()
        except OSError:
            return None
    else:
        with _as_checkpoint_error(
            f"cannot read the checkpoint {location}", "run the study again when its server answers"
        ):
            file_system, file_path = _open_file_system(location)
            try:
                raw = file_system.cat_file(file_path)
            except FileNotFoundError:
                return None
    digest, body = raw[:DIGEST_BYTES], raw[DIGEST_BYTES:]
    return body if hashlib.sha256(body).digest() == digest else None


def remove(location: Location) -> None:
    """Delete a checkpoint and the temporary file of a killed run. A failure is only logged, because it costs nothing but space."""
    path = _local_path(location)
    try:
        if path is not None:
            path.unlink(missing_ok=True)
            return
        file_system, file_path = _open_file_system(location)
        for name in (file_path, f"{file_path}.tmp"):
            with suppress(FileNotFoundError):
                file_system.rm_file(name)
    except Exception as e:  # each file system raises errors of its own
        log.warning("cannot remove the checkpoint %s: %s", location, e)
