"""The report as CSV: one line a unit, plain numbers with a decimal point, UTF-8 with the mark that spreadsheets look
for.
"""

from __future__ import annotations

import csv
import io

from services.coverage.as_json import report_json
from services.coverage.metrics import CHECK_CODES
from services.coverage.report import CoverageReport

_PLAIN = (
    "code",
    "name",
    "level",
    "received",
    "digitized",
    "rate",
    "target",
    "met",
    "missing",
    "trend",
    "rank",
    "points",
    "failing",
)


def write_csv(of: CoverageReport) -> bytes:
    """Units in the order of the report, the province last; names as in the JSON."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    whole = report_json(of)
    indicators = list(whole["province"]["indicators"])
    table.writerow([*_PLAIN, *CHECK_CODES, *(f"points_{i}" for i in indicators), "from", "to", "profile"])
    for unit in (*whole["units"], whole["province"]):
        table.writerow(
            [
                *("" if unit[name] is None else unit[name] for name in _PLAIN),
                *(unit["causes"][code] for code in CHECK_CODES),
                *(
                    "" if unit["indicators"][i]["points"] is None else unit["indicators"][i]["points"]
                    for i in indicators
                ),
                whole["period"]["from"],
                whole["period"]["to"],
                whole["profile"],
            ]
        )
    return out.getvalue().encode("utf-8-sig")
