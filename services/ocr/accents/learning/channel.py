"""What an English-only engine makes of each Vietnamese letter, learnt from pairs of lines by Viterbi-EM.

One right character becomes nothing, one or two read ones; two right characters may become one; a character may come
from nowhere. The best alignment of every pair is found with the present costs, its steps are counted, and the counts
give new costs, smoothed towards what the bare letter and its kin do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from services.vietnamese import strip_marks

Floats = NDArray[np.float32]
_ROUNDS = 7
_NEVER = 30.0
_SMOOTH = 4.0  # pseudo-counts given to what kindred letters do


@dataclass(frozen=True, slots=True)
class Channel:
    """Costs (−log) of steps. Index 0 of either alphabet is "any other character".

    ``one[r, o]``: right character r is read as o; ``gone[r]``: as nothing; ``two[r, o, p]``: as o p;
    ``merged[r, s, o]``: r s are read as o; ``extra[o]``: o is read where nothing stands.
    """

    right: str
    read: str
    one: Floats
    gone: Floats
    two: Floats
    merged: Floats
    extra: Floats


@numba.njit(cache=False)
def _align(right, read, one, gone, two, merged, extra, steps):  # type: ignore[no-untyped-def]  # numba infers the types
    rows, columns = len(right), len(read)
    cost = np.full((rows + 1, columns + 1), 1e9, np.float32)
    back = np.zeros((rows + 1, columns + 1), np.int8)
    cost[0, 0] = 0
    for i in range(rows + 1):
        low, high = max(0, i * columns // max(rows, 1) - 25), min(columns, i * columns // max(rows, 1) + 25)
        for j in range(low, high + 1):
            best, step = cost[i, j], back[i, j]
            if j >= 1 and cost[i, j - 1] + extra[read[j - 1]] < best:
                best, step = cost[i, j - 1] + extra[read[j - 1]], 5
            if i >= 1:
                r = right[i - 1]
                if cost[i - 1, j] + gone[r] < best:
                    best, step = cost[i - 1, j] + gone[r], 2
                if j >= 1:
                    if cost[i - 1, j - 1] + one[r, read[j - 1]] < best:
                        best, step = cost[i - 1, j - 1] + one[r, read[j - 1]], 1
                    if i >= 2 and cost[i - 2, j - 1] + merged[right[i - 2], r, read[j - 1]] < best:
                        best, step = cost[i - 2, j - 1] + merged[right[i - 2], r, read[j - 1]], 4
                if j >= 2 and cost[i - 1, j - 2] + two[r, read[j - 2], read[j - 1]] < best:
                    best, step = cost[i - 1, j - 2] + two[r, read[j - 2], read[j - 1]], 3
            cost[i, j], back[i, j] = best, step
    if cost[rows, columns] > 1e8:
        return 0
    i, j, count = rows, columns, 0
    while i > 0 or j > 0:
        step = back[i, j]
        steps[count, 0] = step
        steps[count, 1] = i
        steps[count, 2] = j
        count += 1
        if step == 5:
            j -= 1
        elif step == 2:
            i -= 1
        elif step == 1:
            i -= 1
            j -= 1
        elif step == 4:
            i -= 2
            j -= 1
        else:
            i -= 1
            j -= 2
    return count


def _alphabet(lines: Sequence[str], least: int) -> str:
    count = Counter("".join(lines))
    return "\0" + "".join(sorted(char for char, times in count.items() if times >= least and char != "\0"))


def _start(right: str, read: str) -> Channel:
    """Costs before anything is learnt: the same letter, the letter without its marks, then anything."""
    n, m = len(right), len(read)
    bare_right, bare_read = [strip_marks(c).lower() for c in right], [strip_marks(c).lower() for c in read]
    one = np.full((n, m), 5.0, np.float32)
    for i, r in enumerate(right):
        for j, o in enumerate(read):
            if r == o and i:
                one[i, j] = 0.3
            elif bare_right[i] == bare_read[j] and i:
                one[i, j] = 1.0
    two = np.full((n, m, m), 9.0, np.float32)
    two[one < 2, :] = 4.5
    two = np.minimum(two, np.where((one < 2)[:, None, :], np.float32(4.5), np.float32(9.0)))
    merged = np.full((n, n, m), 9.0, np.float32)
    merged = np.minimum(merged, np.where((one < 2)[:, None, :], np.float32(5.5), np.float32(9.0)))
    merged = np.minimum(merged, np.where((one < 2)[None, :, :], np.float32(5.5), np.float32(9.0)))
    return Channel(right, read, one, np.full(n, 5.0, np.float32), two, merged, np.full(m, 6.0, np.float32))


def learn_channel(pairs: Sequence[tuple[str, str]]) -> Channel:
    """Learns from (right line, read line). Deterministic."""
    right, read = _alphabet([a for a, _ in pairs], 3), _alphabet([b for _, b in pairs], 8)
    place_right, place_read = {c: i for i, c in enumerate(right)}, {c: i for i, c in enumerate(read)}
    coded = [
        (
            np.array([place_right.get(c, 0) for c in a], np.int64),
            np.array([place_read.get(c, 0) for c in b], np.int64),
        )
        for a, b in pairs
    ]
    channel = _start(right, read)
    for _ in range(_ROUNDS):
        channel = _again(channel, coded)
    return channel


def _again(channel: Channel, coded: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> Channel:
    n, m = len(channel.right), len(channel.read)
    one, gone = np.zeros((n, m)), np.zeros(n)
    two, merged, extra = np.zeros((n, m, m)), np.zeros((n, n, m)), np.zeros(m)
    total = 0
    pairs = np.zeros((n, n))
    for a, b in coded:
        np.add.at(pairs, (a[:-1], a[1:]), 1)
        steps = np.zeros((len(a) + len(b) + 2, 3), np.int64)
        count = _align(a, b, channel.one, channel.gone, channel.two, channel.merged, channel.extra, steps)
        for step, i, j in steps[:count].tolist():
            if step == 1:
                one[a[i - 1], b[j - 1]] += 1
            elif step == 2:
                gone[a[i - 1]] += 1
            elif step == 3:
                two[a[i - 1], b[j - 2], b[j - 1]] += 1
            elif step == 4:
                merged[a[i - 2], a[i - 1], b[j - 1]] += 1
            else:
                extra[b[j - 1]] += 1
        total += len(a)
    return _costs(channel, one, gone, two, merged / (pairs[:, :, None] + 8), extra, total)


def _costs(
    channel: Channel,
    one: NDArray[np.float64],
    gone: NDArray[np.float64],
    two: NDArray[np.float64],
    merged: NDArray[np.float64],
    extra: NDArray[np.float64],
    total: int,
) -> Channel:
    right, read = channel.right, channel.read
    kin = [strip_marks(c).lower() for c in right]
    groups: dict[str, list[int]] = {}
    for i, base in enumerate(kin):
        groups.setdefault(base, []).append(i)
    times = one.sum(1) + gone + two.sum((1, 2))
    marked = [i for i, base in enumerate(kin) if i and base != right[i].lower() and base in "aeiouy"]
    # What any marked vowel may become, for those seen too seldom to tell.
    any_vowel = one[marked].sum(0) / max(times[marked].sum(), 1.0) + (np.array([not c.isalpha() for c in read]) * 3e-4)
    new_one, new_gone, new_two = np.zeros_like(one), np.zeros_like(gone), np.zeros_like(two)
    for members in groups.values():
        # What the letter's kin do in all: any shape or tone of the same letter.
        weight = times[members].sum() + 1.0
        shared_one, shared_gone = one[members].sum(0) / weight, (gone[members].sum() + 0.02) / weight
        shared_two = two[members].sum(0) / weight
        for i in members:
            floor = np.full(len(read), 2e-5)
            for j, o in enumerate(read):
                if o == right[i] or strip_marks(o) == strip_marks(right[i]):
                    floor[j] += 0.05
                elif strip_marks(o).lower() == kin[i]:
                    floor[j] += 0.01
            scale = times[i] + _SMOOTH
            if i in marked:
                floor += 0.3 * any_vowel
            new_one[i] = (one[i] + _SMOOTH * (0.7 * shared_one + 0.3 * floor)) / scale + 1e-6
            new_gone[i] = (gone[i] + _SMOOTH * 0.7 * shared_gone) / scale + 1e-5
            new_two[i] = (two[i] + _SMOOTH * 0.7 * shared_two) / scale
    new_extra = (extra + 0.05) / max(total, 1)

    def cost(share: NDArray[np.float64]) -> Floats:
        return np.minimum(-np.log(np.maximum(share, 1e-13)), _NEVER).astype(np.float32)

    return Channel(right, read, cost(new_one), cost(new_gone), cost(new_two), cost(merged), cost(new_extra))


def pack_channel(channel: Channel, dearest: float = 11.0) -> dict[str, NDArray[Any]]:
    """Arrays for the model file; steps of two characters dearer than ``dearest`` nats are left out."""
    arrays: dict[str, NDArray[Any]] = {
        "channel.right": np.frombuffer(channel.right.encode("utf-32-le"), np.uint32),
        "channel.read": np.frombuffer(channel.read.encode("utf-32-le"), np.uint32),
        "channel.one": channel.one.astype(np.float16),
        "channel.gone": channel.gone.astype(np.float16),
        "channel.extra": channel.extra.astype(np.float16),
    }
    for name, table in (("two", channel.two), ("merged", channel.merged)):
        at = np.argwhere(table < dearest)
        arrays[f"channel.{name}_at"] = at.astype(np.uint8)
        arrays[f"channel.{name}"] = table[tuple(at.T)].astype(np.float16)
    return arrays
