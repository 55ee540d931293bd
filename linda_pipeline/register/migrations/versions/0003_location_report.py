"""Reports of wrong places."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of reports."""
    op.create_table(
        "location_report",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("cpo", sa.String(20), nullable=False),
        sa.Column("location_id", sa.String(64), nullable=False),
        sa.Column("evse_id", sa.String(64)),
        sa.Column("wrong", sa.Text, nullable=False),
        sa.Column("reporter_role", sa.String(40), nullable=False),
        sa.Column("reporter_address", sa.String(320)),
        sa.Column("found_latitude", sa.Float),
        sa.Column("found_longitude", sa.Float),
        sa.Column("found_address", sa.String(300)),
        sa.Column("proposed_latitude", sa.Float),
        sa.Column("proposed_longitude", sa.Float),
        sa.Column("proposed_address", sa.String(300)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reported_at", sa.DateTime, nullable=False),
        sa.Column("verified_at", sa.DateTime),
        sa.Column("due_date", sa.Date),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("closed_by", sa.String(100)),
        sa.Column("was_overdue", sa.Boolean, nullable=False),
    )
    op.create_index("location_report_open", "location_report", ["state", "cpo"])
