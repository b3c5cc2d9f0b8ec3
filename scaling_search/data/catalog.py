"""All datasets by name or prefix: the facts that planning needs, and the module that reads each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scaling_search.data.sources import STORED_PX, DatasetFacts, Source


@dataclass(frozen=True, slots=True)
class DataRequest:
    """The images that a study needs: a dataset, its folder, its split, and the size of its images.

    ``root`` None is the user's cache folder. ``stored_px`` is the side, px, to which a folder's images are resized. They are
    decoded once if they take up to ``cache_gb`` GB; otherwise ``workers`` processes decode ahead (None: as the device suits).
    """

    dataset: str
    root: str | Path | None
    classes: int
    channels: int
    train_size: int
    validation_size: int
    split_seed: int = 0
    stored_px: int = STORED_PX
    cache_gb: float = 8.0
    workers: int | None = None


_IDX = "{train,t10k}-{images-idx3,labels-idx1}-ubyte.gz"

TORCHVISION_SETS = {
    "fashion_mnist": DatasetFacts(
        10,
        1,
        28,
        60_000,
        "Fashion-MNIST, 28 px grey clothing (Xiao et al. 2017)",
        "FashionMNIST",
        f"FashionMNIST/raw/{_IDX}",
    ),
    "digits": DatasetFacts(10, 1, 8, 1_437, "scikit-learn's handwritten digits, 8 px; comes with scikit-learn"),
    "cifar10": DatasetFacts(10, 3, 32, 50_000, "CIFAR-10, 32 px photographs", "CIFAR10", "cifar-10-python.tar.gz"),
    "cifar100": DatasetFacts(100, 3, 32, 50_000, "CIFAR-100, 32 px photographs", "CIFAR100", "cifar-100-python.tar.gz"),
    "svhn": DatasetFacts(
        10,
        3,
        32,
        73_257,
        "Street View house numbers, 32 px, without the extra images",
        "SVHN",
        "{train,test}_32x32.mat",
    ),
    "mnist": DatasetFacts(10, 1, 28, 60_000, "MNIST, 28 px handwritten digits", "MNIST", f"MNIST/raw/{_IDX}"),
    "kmnist": DatasetFacts(
        10, 1, 28, 60_000, "Kuzushiji-MNIST, 28 px cursive Japanese", "KMNIST", f"KMNIST/raw/{_IDX}"
    ),
    "qmnist": DatasetFacts(
        10, 1, 28, 60_000, "QMNIST, MNIST with all 60,000 test digits", "QMNIST", "QMNIST/raw/qmnist-*-ubyte.gz"
    ),
    "emnist": DatasetFacts(
        47, 1, 28, 112_800, "EMNIST balanced, 28 px letters and digits", "EMNIST", "EMNIST/raw/gzip.zip"
    ),
    "stl10": DatasetFacts(10, 3, 96, 5_000, "STL-10, 96 px photographs", "STL10", "stl10_binary.tar.gz"),
    "usps": DatasetFacts(10, 1, 16, 7_291, "USPS, 16 px handwritten digits", "USPS", "usps.bz2 and usps.t.bz2"),
    "semeion": DatasetFacts(10, 1, 16, 1_274, "Semeion, 16 px handwritten digits", "SEMEION", "semeion.data"),
    "eurosat": DatasetFacts(10, 3, 64, 21_600, "EuroSAT, 64 px satellite images", "EuroSAT", "eurosat/EuroSAT.zip"),
}
"""Sets that torchvision reads, and the digits. For those without a test split (digits, semeion, eurosat), a fifth of the images is the test split."""

TORCHVISION = "torchvision:"
"""Prefix of a class name of torchvision, which is another name of its set."""

HUGGINGFACE = "huggingface:"
"""Prefix of a dataset's name on the Hugging Face Hub or of a path; ``?image=…&label=…&config=…`` may follow."""

_READERS = "scaling_search.data"
_SOURCES = [
    *(Source(name, facts, f"{_READERS}.torchvision_sets") for name, facts in TORCHVISION_SETS.items()),
    Source(
        "image_folder",
        DatasetFacts(1000, 3, None, None, "a folder of images, one subfolder per class"),
        f"{_READERS}.streaming",
        image_files=True,
        resized=True,
    ),
    Source(
        "numpy",
        DatasetFacts(10, 3, None, None, "NumPy arrays: images (n, h, w) or (n, h, w, c) uint8 and labels (n,)"),
        f"{_READERS}.numpy_arrays",
    ),
    Source(
        HUGGINGFACE,
        DatasetFacts(10, 3, None, None, "a dataset on the Hugging Face Hub, or one saved on disk by its library"),
        f"{_READERS}.huggingface",
        names_a_path=True,
        image_files=True,
    ),
]
SOURCES = {source.name: source for source in _SOURCES}
"""All sources by name or prefix. A new source is an entry here and its reader module."""

DATASETS = {name: source.facts for name, source in SOURCES.items() if not source.is_prefix}
"""Facts about the datasets that have a name of their own."""

PATTERNS = (f"{TORCHVISION}ClassName", *(f"{name}NAME" for name, source in SOURCES.items() if source.is_prefix))
"""Forms of the other names, for messages."""

_BY_CLASS = {facts.torchvision: name for name, facts in DATASETS.items() if facts.torchvision}
_REFUSED = {
    "its images are large or differ in size: save them as one folder per class and use image_folder": (
        "Caltech101 Caltech256 Country211 DTD FGVCAircraft Flowers102 Food101 GTSRB ImageNet Imagenette INaturalist "
        "LFWPeople OxfordIIITPet Places365 RenderedSST2 StanfordCars SUN397 ImageFolder DatasetFolder LSUN LSUNClass"
    ),
    "torchvision needs a manual download or another library to read it: save it as arrays and use numpy": "FER2013 PCAM",
    "its test classes are not those of its training set": "Omniglot",
    "its images are noise": "FakeData",
}


def _find(name: str) -> Source | None:
    prefix, colon, _ = name.partition(":")
    return SOURCES.get(prefix + colon)


def source_of(name: str) -> Source:
    """The source of a dataset by its resolved name; see :func:`resolve`.

    Raises:
        KeyError: unknown name.
    """
    source = _find(name)
    if source is None:
        raise KeyError(name)
    return source


def facts_of(name: str) -> DatasetFacts:
    """Facts about a dataset by its resolved name; see :func:`resolve`."""
    return source_of(name).facts


def is_dataset_name(name: str) -> bool:
    """Whether ``name`` has the form of a dataset's name; :func:`resolve` may still refuse it."""
    return name.startswith(TORCHVISION) or _find(name) is not None


def resolve(name: str) -> str:
    """The name of the same dataset in SOURCES: ``torchvision:ClassName`` is resolved, other names are returned unchanged.

    Raises:
        ValueError: unknown name, or a torchvision class that is not a classification set of small images of one size.
    """
    if source := _find(name):
        if source.is_prefix and not name.removeprefix(source.name).partition("?")[0]:
            raise ValueError(f"no dataset given after {source.name!r}; write {source.name}NAME")
        return name
    if not name.startswith(TORCHVISION):
        *others, last = PATTERNS
        known = [*DATASETS, *others]
        raise ValueError(f"unknown dataset; choose one of: {', '.join(map(repr, known))} or {last!r}")
    class_name = name.removeprefix(TORCHVISION)
    if class_name in _BY_CLASS:
        return _BY_CLASS[class_name]
    reasons = [reason for reason, classes in _REFUSED.items() if class_name in classes.split()]
    reason = reasons[0] if reasons else "it is not a classification set of images of one size"
    raise ValueError(f"{name} cannot be used: {reason}; torchvision's usable classes are: {', '.join(_BY_CLASS)}")
