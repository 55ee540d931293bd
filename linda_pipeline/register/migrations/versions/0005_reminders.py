"""Of which cases a CPO was reminded: before the last day, and when that was over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two days more per case. What is overdue already counts as not told: its CPO hears of it by the next reminder."""
    op.add_column("redelivery_case", sa.Column("reminded_on", sa.Date))
    op.add_column("redelivery_case", sa.Column("overdue_told_on", sa.Date))
