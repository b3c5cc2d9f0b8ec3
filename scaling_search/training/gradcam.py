"""Class activation maps of the networks compared in a validation (Tan & Le 2019, figure 7).

Grad-CAM (Selvaraju et al. 2017, from the library grad-cam) of the true class in the last feature map before pooling. Maps can
mislead, so each is also scored: pixels are removed from the image (deletion) or restored in a blurred image (insertion) in the
order of the map, and the score is the area under the class's probability (Petsiuk et al. 2018): insertion minus deletion, less
the same for a random order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats
from torch import Tensor, nn
from torch.nn import functional as F

from scaling_search.data.batches import load_splits
from scaling_search.errors import InputError
from scaling_search.records import TrialRow
from scaling_search.spec.study import StudySpec
from scaling_search.spec.workload import recipe_of
from scaling_search.training.checkpoints import Location, checkpoint_of
from scaling_search.training.proxy_run import trained_network

Maps = npt.NDArray[np.float32]
STEPS = 16
"""Number of equal parts in which pixels are removed or restored."""


@dataclass(frozen=True)
class ArmMaps:
    """Maps of one trained network: ``images`` (n, px, px, c) in 0…1, ``maps`` (n, px, px) in 0…1, and scores (n,).

    ``insertion`` and ``deletion`` are areas under the probability of the true class; ``random`` is insertion minus deletion with
    pixels in a random order. ``right`` says which images are classified correctly.
    """

    arm: str
    images: Maps
    maps: Maps
    labels: list[int]
    insertion: Maps
    deletion: Maps
    random: Maps
    right: npt.NDArray[np.bool_]

    @property
    def score(self) -> Maps:
        """Insertion minus deletion, less ``random``; (n,). A map without information scores 0."""
        return self.insertion - self.deletion - self.random


def last_map(net: nn.Module, images: Tensor) -> nn.Module:
    """The last leaf module that is used once and outputs a map of more than one position.

    Raises:
        InputError: there is no such module.
    """
    with_map: list[nn.Module] = []

    def add_if_map(module: nn.Module, _: object, out: object) -> None:
        if isinstance(out, Tensor) and out.ndim == 4 and out.shape[-1] > 1:
            with_map.append(module)

    hooks = [m.register_forward_hook(add_if_map) for m in net.modules() if not list(m.children())]
    with torch.no_grad():
        net(images[:1])
    for hook in hooks:
        hook.remove()
    used_once = [m for m in with_map if with_map.count(m) == 1]
    if not used_once:
        raise InputError("the network has no feature map larger than 1 × 1", "use larger images or smaller strides")
    return used_once[-1]


def activation_maps(net: nn.Module, images: Tensor, labels: Tensor) -> Maps:
    """Grad-CAM of each image's class, (n, px, px) in 0…1.

    Raises:
        InputError: grad-cam is not installed, or the network has no feature map.
    """
    try:
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    except ImportError as e:
        raise InputError(f"class activation maps need grad-cam: {e}", "pip install 'scaling-search[cam]'") from None
    with GradCAM(model=net, target_layers=[last_map(net, images)]) as cam:
        maps = cam(input_tensor=images, targets=[ClassifierOutputTarget(y) for y in labels.tolist()])
    return np.nan_to_num(np.asarray(maps, np.float32))


def _blur(images: Tensor) -> Tensor:
    """Images (n, c, px, px) after three box blurs of a quarter of their side."""
    side = max(3, images.shape[-1] // 4 | 1)
    for _ in range(3):
        padded = F.pad(images, [side // 2] * 4, mode="reflect")
        images = F.avg_pool2d(padded, side, 1)
    return images


@torch.inference_mode()
def areas(net: nn.Module, images: Tensor, labels: Tensor, order: Tensor) -> tuple[Maps, Maps]:
    """(insertion, deletion) areas (n,) with pixels changed in ``order`` (n, px²). Deleted pixels become the mean colour, 0."""
    n, _, h, w = images.shape
    rank = torch.empty_like(order).scatter_(1, order, torch.arange(h * w, device=order.device).expand(n, -1))
    rank, blurred = rank.view(n, 1, h, w), _blur(images)
    curves: list[list[Tensor]] = [[], []]
    for step in range(STEPS + 1):
        changed = rank < round(step / STEPS * h * w)
        for curve, (start, end) in zip(curves, ((blurred, images), (images, torch.zeros_like(images))), strict=True):
            mixed = torch.where(changed, end, start).contiguous(memory_format=torch.channels_last)
            curve.append(net(mixed).softmax(1).gather(1, labels[:, None])[:, 0])
    weights = torch.full((STEPS + 1,), 1 / STEPS, device=images.device)  # trapezoidal rule
    weights[[0, -1]] /= 2
    insertion, deletion = ((torch.stack(curve, 1) * weights).sum(1).cpu().numpy() for curve in curves)
    return insertion, deletion


def _arm_maps(name: str, row: TrialRow, spec: StudySpec, checkpoint: Location, count: int) -> ArmMaps:
    device, proxy = torch.device("cpu"), recipe_of(row, spec)
    net = trained_network(row.architecture, row.seed, proxy, checkpoint, device).eval()
    _, validation = load_splits(proxy.data_request(), row.resolution, device)
    images, labels = validation.plain(slice(0, count))
    maps = activation_maps(net, images, labels)
    flat = torch.from_numpy(maps).flatten(1)
    random_order = torch.rand(flat.shape, generator=torch.Generator().manual_seed(0)).argsort(1)
    insertion, deletion = areas(net, images, labels, flat.sort(dim=1, descending=True, stable=True).indices)
    random_insertion, random_deletion = areas(net, images, labels, random_order)
    with torch.no_grad():
        right = (net(images).argmax(1) == labels).numpy()
    original = (images / validation.inverse + validation.mean).permute(0, 2, 3, 1).clamp(0, 255) / 255
    return ArmMaps(
        arm=name,
        images=original.numpy(),
        maps=maps,
        labels=labels.tolist(),
        insertion=insertion,
        deletion=deletion,
        random=random_insertion - random_deletion,
        right=right,
    )


def first_seeds(rows: Sequence[TrialRow], names: Mapping[str, str]) -> dict[str, TrialRow]:
    """Name of the arm → its first complete run. ``names`` maps the key of a network to the name of its arm."""
    return {names[r.key]: r for r in rows if r.round == 0 and r.state == "complete" and r.key in names}


def explain(arms: Mapping[str, TrialRow], spec: StudySpec, folder: Location, count: int) -> Iterator[ArmMaps]:
    """Yield the maps of each arm's trained network for the first ``count`` validation images.

    Raises:
        InputError: there is no arm, or grad-cam is not installed.
        DataError: a network's checkpoint is missing, or the images cannot be read.
    """
    if not arms:
        raise InputError(f"no run of {spec.name} is complete", "run `scaling-search validate` first")
    for name, row in arms.items():
        yield _arm_maps(name, row, spec, checkpoint_of(folder, row.number), count)


def _interval(values: Maps) -> dict[str, Any]:
    """Mean and 95 % t interval over images; the interval is None if all values are equal or there is only one."""
    mean = float(values.mean())
    if len(values) < 2 or np.ptp(values) == 0:
        return {"mean": mean, "interval": None}
    half = float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values)))
    return {"mean": mean, "interval": [mean - half, mean + half]}


def scores(arms: Sequence[ArmMaps]) -> list[dict[str, Any]]:
    """Scores of each arm in JSON form, with 95 % t intervals over images.

    ``lead`` is the score of the chosen network minus the arm's, paired by image.
    """
    by_name: Mapping[str, ArmMaps] = {a.arm: a for a in arms}
    rows = []
    for arm in arms:
        intervals = {name: _interval(getattr(arm, name)) for name in ("insertion", "deletion", "random", "score")}
        lead = None
        if arm.arm != "chosen" and "chosen" in by_name:
            lead = _interval(by_name["chosen"].score - arm.score)
        accuracy = float(arm.right.mean())
        rows.append({"arm": arm.arm, "images": len(arm.labels), "accuracy": accuracy, **intervals, "lead": lead})
    return rows
