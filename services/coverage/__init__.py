"""Dossiers, their checks, and what share of them is digitized.

    seed              units and procedures of the rule files into the records
    import_register   dossiers come in from the case system's exports
    open_dossier      or are opened at our own desk; change_dossier when the desk learns something
    recheck           whatever touches a dossier has it judged again, and the kept counts move with it
    coverage          any period: figures, targets, ranks, trends, causes, straight from the kept counts
    failing           the dossiers behind a figure, page by page; to_reach, what is missing to the target
    reports           the same as XLSX, DOCX, CSV and charts

What the law is stands in ``law``; everything else only counts.
"""

from __future__ import annotations

from services.coverage.as_json import report_json
from services.coverage.checks import Check, Checks, explain, recheck, recheck_paper
from services.coverage.config import Rules, load
from services.coverage.desk import change_dossier, open_dossier
from services.coverage.drill import DossierLine, DossierPage, Plan, failing, to_reach
from services.coverage.notices import below_target, due_and_failing, low_scores
from services.coverage.rebuilding import drift, rebuild
from services.coverage.register.importing import ImportResult, import_register
from services.coverage.register.national import NationalResult, import_acknowledgements, import_published
from services.coverage.register.problems import RowProblem
from services.coverage.report import CoverageReport, UnitReport, coverage, report
from services.coverage.seeding import seed

__all__ = [
    "Check",
    "Checks",
    "CoverageReport",
    "DossierLine",
    "DossierPage",
    "ImportResult",
    "NationalResult",
    "Plan",
    "RowProblem",
    "Rules",
    "UnitReport",
    "below_target",
    "change_dossier",
    "coverage",
    "drift",
    "due_and_failing",
    "explain",
    "failing",
    "import_acknowledgements",
    "import_published",
    "import_register",
    "load",
    "low_scores",
    "open_dossier",
    "rebuild",
    "recheck",
    "recheck_paper",
    "report",
    "report_json",
    "seed",
    "to_reach",
]
