"""Dossiers, their checks, and what share of them is digitized.

seed              units and procedures of the rule files into the records
import_register   dossiers come in from the case system's exports
open_dossier      or are opened at our own desk; change_dossier when the desk learns something
recheck           whatever touches a dossier has it judged again, and the kept counts move with it
coverage          any period: figures, targets, ranks, trends, causes, straight from the kept counts
failing           the dossiers behind a figure, page by page
"""

from __future__ import annotations

from services.coverage.checks import Check, Checks, explain, recheck, recheck_paper
from services.coverage.config import Rules, load
from services.coverage.desk import change_dossier, open_dossier
from services.coverage.register.importing import ImportResult, import_register
from services.coverage.report import CoverageReport, UnitReport, coverage
from services.coverage.seeding import seed

__all__ = [
    "Check",
    "Checks",
    "CoverageReport",
    "ImportResult",
    "Rules",
    "UnitReport",
    "change_dossier",
    "coverage",
    "explain",
    "import_register",
    "load",
    "open_dossier",
    "recheck",
    "recheck_paper",
    "seed",
]
