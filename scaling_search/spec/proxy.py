"""The ``proxy`` section of a study file: the data and the recipe of one short training run."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from scaling_search.data.catalog import DATASETS, DataRequest, facts_of, resolve, source_of
from scaling_search.data.sources import STORED_PX
from scaling_search.spec.section import Section

TRAINING_STEP_PASSES = 3.0
"""Cost of a training step in forward passes."""


class ProxySpec(Section):
    """The short training run of one candidate."""

    dataset: str = Field(
        "fashion_mnist",
        description="Dataset name; torchvision:ClassName; or huggingface:NAME, where NAME is a dataset on the Hub, a folder of "
        "save_to_disk or parquet files, and ?image=COLUMN&label=COLUMN&config=NAME may follow. Default: fashion_mnist.",
        json_schema_extra={"examples": list(DATASETS)},
    )
    root: str | None = Field(
        None,
        description="Folder of the dataset, also for downloads. image_folder: one subfolder of images per class; numpy: an .npz "
        "file or a folder of .npy files. Default: the user's cache folder.",
    )
    classes: int | None = Field(
        None,
        ge=2,
        le=100_000,
        description="Number of classes. Default: the dataset's (image_folder: 1000, numpy and huggingface: 10).",
    )
    channels: int | None = Field(
        None,
        ge=1,
        le=16,
        description="Channels of an image; image files are converted. Default: the dataset's, else 3.",
    )
    stored_px: int = Field(
        STORED_PX,
        ge=4,
        le=2048,
        description="Side to which image files are first resized and cropped, px. Default: 320.",
    )
    cache_gb: float = Field(
        8.0,
        ge=0,
        le=1e6,
        description="Images of a folder are decoded only once if they take up to this many GB. Default: 8.",
    )
    workers: int | None = Field(
        None,
        ge=0,
        le=256,
        description="Processes that decode images for each run. Default: a GPU's share of the cores, else 0.",
    )
    train_size: int = Field(10_000, ge=1, description="Training images. Default: 10000.")
    validation_size: int = Field(
        5_000, ge=1, description="Validation images, on which candidates are compared. Default: 5000."
    )
    split_seed: int = Field(
        0, ge=0, lt=2**31, description="Seed of the split into training and validation images. Default: 0."
    )
    epochs: int = Field(3, ge=1, le=10_000, description="Passes over the training images. Default: 3.")
    batch_size: int = Field(64, ge=2, le=65_536, description="Images per step. Default: 64.")
    learning_rate: float = Field(
        4e-3, gt=0, le=10, description="Peak AdamW learning rate of the one-cycle schedule. Default: 0.004."
    )
    depth_exponent: float = Field(
        0.0,
        ge=0,
        le=2,
        description="The peak rate of a network is learning_rate · (blocks of the base / blocks of the network)^depth_exponent; "
        "`calibrate` finds it. Default: 0.",
    )
    weight_decay: float = Field(0.05, ge=0, le=10, description="AdamW weight decay, on weights only. Default: 0.05.")
    warmup: float = Field(
        0.3, ge=0, lt=1, description="Fraction of the steps during which the learning rate rises. Default: 0.3."
    )
    label_smoothing: float = Field(0.1, ge=0, lt=1, description="Label smoothing of the training loss. Default: 0.1.")
    dropout: float = Field(
        0.0, ge=0, lt=1, description="Dropout before the classifier. Default: 0 (short runs underfit)."
    )
    stochastic_depth: float = Field(
        0.0, ge=0, lt=1, description="Drop rate of the last block, rising linearly from 0 at the first. Default: 0."
    )
    flip: bool = Field(True, description="Random horizontal flips. Default: true.")
    crop: int = Field(
        2, ge=0, le=64, description="Random shifts by up to this many px of the stored image. Default: 2."
    )

    @property
    def class_count(self) -> int:
        """Number of outputs of the classifier."""
        return self.classes or facts_of(self.dataset).classes

    @property
    def channel_count(self) -> int:
        """Channels of the network's input."""
        return self.channels or facts_of(self.dataset).image_channels

    @property
    def native_px(self) -> int | None:
        """Side of the stored images, px; None if it is known only from the data."""
        return source_of(self.dataset).native_px(self.stored_px)

    @field_validator("dataset")
    @classmethod
    def _is_known(cls, name: str) -> str:
        return resolve(name)

    def data_request(self) -> DataRequest:
        """The images that the study needs."""
        return DataRequest(
            dataset=self.dataset,
            root=self.root,
            classes=self.class_count,
            channels=self.channel_count,
            train_size=self.train_size,
            validation_size=self.validation_size,
            split_seed=self.split_seed,
            stored_px=self.stored_px,
            cache_gb=self.cache_gb,
            workers=self.workers,
        )

    def passes(self, epochs: int | None = None) -> float:
        """Cost of a run in forward passes of one image; a training step counts as :data:`TRAINING_STEP_PASSES`."""
        return (epochs or self.epochs) * (TRAINING_STEP_PASSES * self.train_size + self.validation_size)

    def at_depth(self, depth: float) -> ProxySpec:
        """The recipe of a network with ``depth`` times the blocks of the base: its peak learning rate is scaled."""
        return self.model_copy(update={"learning_rate": self.learning_rate * depth**-self.depth_exponent})

    @model_validator(mode="after")
    def _splits_fit(self) -> ProxySpec:
        available = facts_of(self.dataset).train_size
        if available is not None and self.train_size + self.validation_size > available:
            raise ValueError(
                f"train_size + validation_size is {self.train_size + self.validation_size}, "
                f"but {self.dataset} has {available} images outside its test split"
            )
        if self.batch_size > self.train_size:
            raise ValueError(f"batch_size ({self.batch_size}) must not exceed train_size ({self.train_size})")
        return self

    @model_validator(mode="after")
    def _agrees_with_facts(self) -> ProxySpec:
        source, facts = source_of(self.dataset), facts_of(self.dataset)
        if facts.exact and self.class_count < facts.classes:
            raise ValueError(f"classes ({self.classes}): {self.dataset} has {facts.classes}")
        if facts.exact and self.channel_count != facts.image_channels:
            raise ValueError(f"channels ({self.channels}): {self.dataset} has {facts.image_channels}")
        if source.image_files and self.channel_count not in (1, 3):
            raise ValueError(f"channels ({self.channels}): image files have 1 channel (grey) or 3 (RGB)")
        return self
