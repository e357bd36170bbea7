"""Who may write to a collection now: one thread at a time; a merge waits for its turn, a user is told to come back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Turns"]


class Turns:
    """The right to write, within this process (SQLite's lock is between processes)."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._owner: str | None = None
        self._merge_waits = False

    @contextmanager
    def user(self) -> Iterator[bool]:
        """The turn of a change that was asked for: True, at once or after a merge's; False if another change has it."""
        with self._changed:
            # A merge that waits comes first: a thread that adds in a loop would never let it in.
            self._changed.wait_for(lambda: self._owner == "user" or not (self._owner or self._merge_waits))
            free = self._owner is None
            if free:
                self._owner = "user"
        try:
            yield free
        finally:
            if free:
                self._release()

    @contextmanager
    def merge(self, given_up: Callable[[], bool]) -> Iterator[bool]:
        """The turn of a merge, after the change that is going on; False if it was given up before."""
        with self._changed:
            self._merge_waits = True
            try:
                self._changed.wait_for(lambda: self._owner is None or given_up())
            finally:
                self._merge_waits = False
                self._changed.notify_all()
            free = self._owner is None and not given_up()
            if free:
                self._owner = "merge"
        try:
            yield free
        finally:
            if free:
                self._release()

    def look_again(self) -> None:
        """Have those who wait look whether they gave up."""
        with self._changed:
            self._changed.notify_all()

    def _release(self) -> None:
        with self._changed:
            self._owner = None
            self._changed.notify_all()
