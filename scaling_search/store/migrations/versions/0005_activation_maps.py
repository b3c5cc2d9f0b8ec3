"""Class activation maps of validated networks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "activation_maps",
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_activation_maps_study_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("study_id", name="pk_activation_maps"),
    )
