"""The first schema: study, trial, epoch, choice, family_member."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    number, words, real, big, when = sa.Integer, sa.String, sa.Double, sa.BigInteger, sa.DateTime

    def column(name: str, kind: type, null: bool = False) -> sa.Column:
        return sa.Column(name, kind(), nullable=null)

    op.create_table(
        "study",
        column("id", number),
        column("name", words),
        column("description", words),
        column("state", words),
        column("reason", words, null=True),
        column("spec", sa.JSON),
        column("spec_hash", words),
        column("versions", sa.JSON),
        column("created_at", when),
        column("started_at", when, null=True),
        column("finished_at", when, null=True),
        column("owner", words, null=True),
        column("lease_until", real, null=True),
        column("fence", number),
        sa.PrimaryKeyConstraint("id", name="pk_study"),
        sa.UniqueConstraint("name", name="uq_study_name"),
    )
    op.create_table(
        "trial",
        column("id", number),
        column("study_id", number),
        column("number", number),
        column("round", number),
        column("role", words),
        column("state", words),
        column("seed", big),
        column("alpha", real),
        column("beta", real),
        column("gamma", real),
        column("key", words),
        column("shares", sa.JSON, null=True),
        column("depth", real),
        column("width", real),
        column("resolution_ratio", real),
        column("blocks", sa.JSON),
        column("channels", sa.JSON),
        column("resolution", number),
        column("macs", big),
        column("macs_ratio", real),
        column("params", big),
        column("activations", big),
        column("counted_macs", big, null=True),
        column("architecture", sa.JSON),
        column("attempts", number),
        column("epochs", number),
        column("accuracy", real, null=True),
        column("loss", real, null=True),
        column("seconds", real, null=True),
        column("error", words, null=True),
        column("started_at", when, null=True),
        column("finished_at", when, null=True),
        sa.PrimaryKeyConstraint("id", name="pk_trial"),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_trial_study_id", ondelete="CASCADE"),
        sa.UniqueConstraint("study_id", "number", name="uq_trial_study_id_number"),
    )
    op.create_index("ix_trial_study_id_state", "trial", ["study_id", "state"])
    op.create_table(
        "epoch",
        column("trial_id", number),
        column("attempt", number),
        column("epoch", number),
        *(column(name, real) for name in ("train_loss", "validation_loss", "accuracy", "learning_rate")),
        column("seconds", real),
        column("images_per_second", real),
        sa.PrimaryKeyConstraint("trial_id", "attempt", "epoch", name="pk_epoch"),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name="fk_epoch_trial_id", ondelete="CASCADE"),
    )
    op.create_table(
        "choice",
        column("id", number),
        column("study_id", number),
        column("made_at", when),
        column("after_trials", number),
        column("method", words),
        column("alpha", real),
        column("beta", real),
        column("gamma", real),
        column("shares", sa.JSON),
        column("accuracy", real),
        column("result", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_choice"),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_choice_study_id", ondelete="CASCADE"),
    )
    op.create_index("ix_choice_study_id", "choice", ["study_id"])
    op.create_table(
        "family_member",
        column("id", number),
        column("choice_id", number),
        column("name", words),
        *(column(name, real) for name in ("phi", "depth", "width")),
        column("resolution", number),
        column("dropout", real),
        column("repeats", sa.JSON),
        column("channels", sa.JSON),
        column("params", big),
        column("macs", big),
        column("macs_ratio", real),
        column("target_ratio", real),
        sa.PrimaryKeyConstraint("id", name="pk_family_member"),
        sa.ForeignKeyConstraint(["choice_id"], ["choice.id"], name="fk_family_member_choice_id", ondelete="CASCADE"),
    )
    op.create_index("ix_family_member_choice_id", "family_member", ["choice_id"])
