"""Re-delivery cases, and which judgements they were made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables of the room cases."""
    op.create_table(
        "redelivery_case",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("cpo", sa.String(20), nullable=False),
        sa.Column("module", sa.String(20), nullable=False),
        sa.Column("object", sa.String(20), nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("record_id", sa.Text),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("nal_region", sa.String(20)),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("first_seen", sa.DateTime, nullable=False),
        sa.Column("due_date", sa.Date),
        sa.Column("delivery_id", sa.String(80), nullable=False),
        sa.Column("last_window", sa.Date, nullable=False),
        sa.Column("last_pull", sa.String(40), nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("closed_by", sa.String(80)),
        sa.Column("closed_window", sa.Date),
        sa.Column("previous_id", sa.Integer, sa.ForeignKey("redelivery_case.id")),
    )
    op.create_index("redelivery_case_identity", "redelivery_case", ["cpo", "module", "identity"])
    op.create_index("redelivery_case_state", "redelivery_case", ["cpo", "module", "state"])
    op.create_index("redelivery_case_due", "redelivery_case", ["state", "due_date"])
    op.create_index("redelivery_case_delivery", "redelivery_case", ["delivery_id"])
    op.create_table(
        "taken_in",
        sa.Column("delivery_id", sa.String(80), primary_key=True),
        sa.Column("cpo", sa.String(20), nullable=False),
        sa.Column("module", sa.String(20), nullable=False),
        sa.Column("window", sa.Date, nullable=False),
        sa.Column("judgement", sa.String(64), nullable=False),
        sa.Column("pull", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
