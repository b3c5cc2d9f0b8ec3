"""Tables of things by name to which other installed packages may add, through entry points.

A package adds a base network, say, by this in its pyproject.toml, where ``FACTS`` is a ``BaseFacts``:

    [project.entry-points."scaling_search.bases"]
    my_network = "my_package.networks:FACTS"
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar, cast

from scaling_search.errors import InputError

T = TypeVar("T")
log = logging.getLogger(__name__)


class Registry(Mapping[str, T], Generic[T]):
    """This project's entries, and those that installed packages declare in the entry-point group ``group``.

    Entry points are looked up when a name is not among the project's own, or when all are listed; an entry is loaded when it
    is first asked for. Our own names cannot be replaced.
    """

    def __init__(self, group: str, kind: type | tuple[type, ...], own: Mapping[str, T]) -> None:
        self.group, self.kind = group, kind
        self._known = dict(own)
        self._declared: dict[str, EntryPoint] | None = None

    def _others(self) -> dict[str, EntryPoint]:
        """Entry points of other packages by name, those with a name of ours left out."""
        if self._declared is None:
            declared = {e.name: e for e in entry_points(group=self.group)}
            for name in declared.keys() & self._known.keys():
                log.warning("%s: %r of %s is ignored: the name is taken", self.group, name, declared.pop(name).value)
            self._declared = declared
        return self._declared

    def __getitem__(self, name: str) -> T:
        """The entry of that name.

        Raises:
            KeyError: there is none.
            InputError: another package declares it, but it cannot be loaded or is of another type.
        """
        if name not in self._known:
            self._known[name] = self._load(self._others()[name])
        return self._known[name]

    def _load(self, entry: EntryPoint) -> T:
        hint = f"fix or uninstall the package that declares it in {self.group}"
        try:
            loaded: Any = entry.load()
        except Exception as e:
            raise InputError(f"{entry.name}: cannot load {entry.value}: {type(e).__name__}: {e}", hint) from e
        if not isinstance(loaded, self.kind):
            wanted = " or ".join(k.__name__ for k in (self.kind if isinstance(self.kind, tuple) else (self.kind,)))
            raise InputError(f"{entry.name}: {entry.value} is {type(loaded).__name__}, not {wanted}", hint)
        return cast(T, loaded)

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._others()

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._known, *self._others()]))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def usable(self) -> Iterator[tuple[str, T]]:
        """Names and entries, for lists; what another package declares and cannot be loaded is left out with a warning."""
        for name in self:
            try:
                yield name, self[name]
            except InputError as e:
                log.warning("%s is left out: %s", self.group, e.message)
