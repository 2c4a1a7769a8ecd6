"""The report of a period as the province lays it out: gathered once, written as XLSX, DOCX, CSV and charts."""

from __future__ import annotations

from services.coverage.reports.book import Book, gather
from services.coverage.reports.charts import causes_chart, ranking_chart, weeks_chart
from services.coverage.reports.csv_file import write_csv
from services.coverage.reports.docx import Letterhead, write_docx
from services.coverage.reports.png import to_png
from services.coverage.reports.svg import to_svg
from services.coverage.reports.xlsx import write_xlsx

__all__ = [
    "Book",
    "Letterhead",
    "causes_chart",
    "gather",
    "ranking_chart",
    "to_png",
    "to_svg",
    "weeks_chart",
    "write_csv",
    "write_docx",
    "write_xlsx",
]
