"""Papers kept as text: blocks that open with ``=== title``, then ``key: value`` lines, an empty line, and the body."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a file. ``head`` holds the lines between the title and the first empty line."""

    title: str
    head: dict[str, str]
    body: tuple[str, ...]


def parse_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a text; what stands before the first one is a comment."""
    out = []
    for block in text.split("\n=== ")[1:]:
        first, _, body = block.partition("\n\n")
        title, *pairs = first.split("\n")
        head = {k.strip(): v.strip() for k, v in (pair.split(":", 1) for pair in pairs if ":" in pair)}
        out.append(Block(title.strip(), head, tuple(body.rstrip().split("\n"))))
    return tuple(out)
