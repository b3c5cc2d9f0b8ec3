"""Runs longer than the spec's, and the test split's accuracy of a validation."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("trial", sa.Column("planned", sa.Integer(), nullable=True))
    op.add_column("trial", sa.Column("test_accuracy", sa.Double(), nullable=True))
