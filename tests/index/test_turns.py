"""The right to write: users are told to come back, merges wait, and neither is kept out for good."""

from __future__ import annotations

import threading

from numen.index.turns import Turns

PATIENCE_S = 20


def never() -> bool:
    return False


def test_a_second_user_is_turned_away() -> None:
    turns = Turns()
    with turns.user() as first, turns.user() as second:
        assert (first, second) == (True, False)
    with turns.user() as again:
        assert again


def test_a_merge_waits_for_the_user_and_a_user_for_the_merge() -> None:
    turns = Turns()
    order: list[str] = []
    merging, may_end = threading.Event(), threading.Event()

    def merge() -> None:
        with turns.merge(never) as free:
            assert free
            order.append("merge")
            merging.set()
            may_end.wait(PATIENCE_S)
            order.append("merged")

    thread = threading.Thread(target=merge)
    with turns.user() as free:
        assert free
        thread.start()
        assert not merging.wait(0.05)
        order.append("user")
    assert merging.wait(PATIENCE_S)
    release = threading.Timer(0.05, may_end.set)
    release.start()
    with turns.user() as free:
        assert free
        order.append("user again")
    thread.join()
    release.join()
    assert order == ["user", "merge", "merged", "user again"]


def test_a_user_in_a_loop_lets_a_merge_in() -> None:
    turns = Turns()
    done = threading.Event()

    def merge() -> None:
        with turns.merge(never):
            done.set()

    thread = threading.Thread(target=merge)
    rounds = 0
    with turns.user():
        thread.start()
    while not done.is_set():
        rounds += 1
        with turns.user() as free:
            assert free
    thread.join()
    assert rounds < 100_000


def test_a_merge_that_is_given_up_gets_no_turn() -> None:
    turns = Turns()
    stop = threading.Event()
    got: list[bool] = []

    def merge() -> None:
        with turns.merge(stop.is_set) as free:
            got.append(free)

    thread = threading.Thread(target=merge)
    with turns.user():
        thread.start()
        stop.set()
        turns.look_again()
        thread.join(PATIENCE_S)
    assert got == [False]
    with turns.user() as free:
        assert free
