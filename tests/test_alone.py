"""Work for one process of the machine: one works, whatever goes wrong is told and followed by another look."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from feedserver.alone import Alone, Look
from tests.test_refresh import eventually


class Work:
    """Counts begins and looks; the first ``bad`` of each go wrong."""

    def __init__(self, bad_begins: int = 0, bad_looks: int = 0) -> None:
        self.begins = self.looks = 0
        self.bad_begins, self.bad_looks = bad_begins, bad_looks

    def begin(self) -> Look:
        self.begins += 1
        if self.begins <= self.bad_begins:
            raise OSError("no begin")
        return self.look

    def look(self) -> float:
        self.looks += 1
        if self.looks <= self.bad_looks:
            raise ValueError("no look")
        return 0.01


@contextmanager
def working(work: Work, lock_file: Path) -> Iterator[Alone]:
    """Let somebody work alone, and stop it."""
    alone = Alone("counts", work.begin, 0.01, lock_file, threading.Event())
    thread = alone.start()
    try:
        yield alone
    finally:
        alone.stopped.set()
        thread.join(10)
        assert not thread.is_alive()


def test_it_begins_once_and_looks_again_and_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    work = Work()
    with working(work, tmp_path / "lock"):
        assert eventually(lambda: work.looks > 3)

    assert work.begins == 1
    assert caplog.messages == ["this process counts"]


def test_what_goes_wrong_is_told_and_followed_by_another_try(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    work = Work(bad_begins=2, bad_looks=2)
    with working(work, tmp_path / "lock"):
        assert eventually(lambda: work.looks > 3)

    assert work.begins == 3
    assert caplog.messages == ["the thread that counts failed, and goes on"] * 4
    assert ("no begin" in caplog.text, "no look" in caplog.text) == (True, True)


def test_one_works_and_when_it_ends_another_takes_over(tmp_path: Path) -> None:
    first, second = Work(), Work()
    with working(second, tmp_path / "other.lock"):
        assert eventually(lambda: second.looks > 0)  # another lock is another work
    with working(first, tmp_path / "lock") as holder:
        assert eventually(lambda: first.looks > 0)
        begins = second.begins
        with working(second, tmp_path / "lock"):
            assert not eventually(lambda: second.begins > begins, 0.3)
            holder.stopped.set()
            assert eventually(lambda: second.begins > begins)


def test_a_lock_that_cannot_be_taken_is_told_and_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    work, file = Work(), tmp_path / "lock"
    file.mkdir()
    with working(work, file):
        assert eventually(lambda: "can't be taken" in caplog.text)
        file.rmdir()
        assert eventually(lambda: work.looks > 0)
