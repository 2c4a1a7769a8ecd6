"""From a wording and facts to sheets: facts are put into the lines, ``sample_docs.painter.writer`` lays them out."""

from __future__ import annotations

import random
import re

from bench.papers.facts import Facts
from bench.papers.filler import JUDGE, TRAIN
from bench.papers.wording import Wording
from sample_docs.painter.sheet import Flow
from sample_docs.painter.writer import Writer

_PICK = re.compile(r"\[([^\[\]]*~[^\[\]]*)\]")
_FACT = re.compile(r"\{([a-z_0-9]+(?:\.[A-Za-z_0-9]+)?)\}")


def fill(text: str, facts: Facts) -> str:
    """Picks one of each ``[a~b]``, spells the words in the paper's own habit and prints the facts."""
    while match := _PICK.search(text):
        text = text[: match.start()] + facts.rng.choice(match.group(1).split("~")) + text[match.end() :]
    return _FACT.sub(lambda m: facts.get(m.group(1)), facts.habit.spell(text))


def write(wording: Wording, flow: Flow, facts: Facts, rng: random.Random) -> None:
    """Writes a wording about facts on a flow."""
    Writer(
        flow,
        rng,
        wording.head.get("look", "form"),
        say=lambda line: fill(line, facts),
        seal=lambda: _seal(facts),
        bank=JUDGE if wording.part == "judge" else TRAIN,
    ).write(wording.body)


def _seal(facts: Facts) -> str:
    issuer = facts.extra.get("cq") or "ủy ban nhân dân"
    words = issuer.replace("Ủy ban nhân dân", "UBND").split()
    half = (len(words) + 1) // 2
    return f"{facts.place.tinh} * |{' '.join(words[:half])}/{' '.join(words[half:])}"
