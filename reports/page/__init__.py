"""The report page: one HTML file that needs nothing else."""

from reports.page.render import render_page

__all__ = ["render_page"]
