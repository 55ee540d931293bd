"""The quality report of one delivery: its figures, and the files that a CPO gets (see docs of the contract's files).

Here: summary.json, findings.csv, rejected.jsonl.gz, rapport.html and report.html. Not here: judging (quality, road) and
sending. Everything is made from what the judge wrote into the lake, so a report can be made again at any time.
"""

from linda_pipeline.report.figures import ReportFigures, RuleFindings, ShownFinding, read_figures
from linda_pipeline.report.write import report_on, write_report

__all__ = ["ReportFigures", "RuleFindings", "ShownFinding", "read_figures", "report_on", "write_report"]
