"""`make simulate SEEDS=1-500`: plays seeds, says what broke, and shrinks it to as little as breaks it still.

Sets of strings come out in another order in another process unless PYTHONHASHSEED says which: it is 0 here, so that a
seed means the same everywhere.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.simulation.people import ALL, SINGLES, weights
from tests.simulation.plan import Plan, draw
from tests.simulation.simulate import Result, simulate
from tests.simulation.weather import KINDS

SHRINKING = 60.0
"""Seconds that one failure may be shrunk for."""


def plan_of(
    seed: int,
    kinds: frozenset[str] = frozenset({SINGLES}),
    without: frozenset[str] = frozenset(),
    troubles: tuple[str, ...] = KINDS,
) -> Plan:
    """A seed's plan, of these kinds of troubles; `without` leaves some out, and nothing else changes."""
    plan = draw(seed, weights(kinds), troubles)
    return plan.without(frozenset(), frozenset(i for i, t in enumerate(plan.troubles) if t.kind in without))


def seeds_of(text: str) -> Iterator[int]:
    """`7`, `1-500`, `1-20,99`."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def shrink(result: Result, seconds: float = SHRINKING) -> Result:
    """The smallest plan found within `seconds` that breaks the same promise: halves first, then one by one."""
    until = time.monotonic() + seconds
    for part in ("troubles", "steps"):
        size = max(1, len(getattr(result.plan, part)) // 2)
        while size:
            result, size = _without(result, part, size, until), size // 2
    return result


def _without(result: Result, part: str, size: int, until: float) -> Result:
    position = 0
    while position < len(getattr(result.plan, part)) and time.monotonic() < until:
        left_out = frozenset(range(position, position + size))
        fewer = {"steps": frozenset[int](), "troubles": frozenset[int](), part: left_out}
        tried = simulate(result.plan.without(**fewer))
        if tried.broken == result.broken:
            result = tried
        else:
            position += size
    return result


def main() -> int:
    """Play the seeds; 1 where a promise was broken."""
    asked = _arguments()
    if os.environ.get("PYTHONHASHSEED") != "0":
        again = [sys.executable, "-m", "tests.simulation.runner", *sys.argv[1:]]
        os.execve(sys.executable, again, os.environ | {"PYTHONHASHSEED": "0"})  # noqa: S606 - itself once more
    kinds, done = frozenset(asked.kinds.split(",")), _done(asked.resume)
    began, count, broken, totals = time.monotonic(), 0, Counter[str](), Counter[str]()
    for seed in seeds_of(asked.seeds):
        if seed in done:
            continue
        result = simulate(plan_of(seed, kinds, frozenset(asked.without.split(","))))
        count += 1
        totals.update(result.counts)
        if result.problems:
            broken[result.broken] += 1
            _show(seed, result, asked)
        if asked.resume:
            with Path(asked.resume).open("a") as book:
                book.write(f"{seed} {result.broken or 'ok'} {result.digest}\n")
        if count % 50 == 0:
            _say(f"{count} seeds, {sum(broken.values())} broken, {(time.monotonic() - began) / count:.2f} s a seed")
    _say(f"{count} seeds, broken: {dict(broken) or 'none'}, {(time.monotonic() - began) / max(count, 1):.2f} s a seed")
    if asked.counts:
        for name, number in sorted(totals.items()):
            _say(f"  {number:8} {name}")
    return 1 if broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", nargs="?", default="1-100", help="7, 1-500, 1-20,99")
    parser.add_argument("--kinds", default=",".join(ALL), help=f"of {', '.join(ALL)}")
    parser.add_argument("--without", default="", help="kinds of trouble to leave out, such as delta_lag,death")
    parser.add_argument("--resume", default="", help="a file with the seeds done so far: they are left out")
    parser.add_argument("--trace", action="store_true", help="show the trace of what broke")
    parser.add_argument("--no-shrink", dest="shrink", action="store_false")
    parser.add_argument("--counts", action="store_true", help="how often each trouble hit, how runs ended")
    return parser.parse_args()


def _done(book: str) -> set[int]:
    if not book or not Path(book).exists():
        return set()
    return {int(line.split()[0]) for line in Path(book).read_text().splitlines() if line.strip()}


def _show(seed: int, result: Result, asked: argparse.Namespace) -> None:
    _say(f"seed {seed} broke a promise (PYTHONHASHSEED=0, trace {result.digest}):")
    for problem in result.problems[:10]:
        _say(f"  {problem}")
    if asked.shrink:
        result = shrink(result)
        _say(f"  shrunk to {len(result.plan.steps)} steps, {len(result.plan.troubles)} troubles: {result.problems[0]}")
        for line in sorted([*result.plan.steps, *result.plan.troubles], key=lambda one: one.at):
            _say(f"    {line}")
    if asked.trace:
        _say("\n".join(result.trace))  # of the shrunk plan


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
