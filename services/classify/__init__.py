"""A reading → papers: cut apart, named, their fields taken out, with a confidence for each.

    pieces = understand(read_file(path))

Rooms behind the door: ``layout`` (words → rows), ``marks`` (copy marks off), ``split`` (stacks), ``titles``, ``naming``
and ``learned`` (which type), ``fields`` (what it says), ``owners`` (whose it is), ``learning`` (new model versions).
"""

from __future__ import annotations

from services.classify.catalogue import Catalogue, PaperType, catalogue
from services.classify.learned import Model, default_model, load_model
from services.classify.understand import understand

__all__ = ["Catalogue", "Model", "PaperType", "catalogue", "default_model", "load_model", "understand"]
