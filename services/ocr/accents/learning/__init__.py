"""Rebuilds the packed model from text; not needed at run time."""

from __future__ import annotations
