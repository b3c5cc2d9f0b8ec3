"""Where trained networks look: class activation maps of a validation's arms, side by side (Tan & Le 2019, figure 7).

Grad-CAM (Selvaraju et al. 2017, by the library grad-cam) of the true class, in the last feature map before pooling. A picture
persuades too easily, so each map is judged too: pixels are taken away (deletion) or brought back to a blurred image
(insertion) in the map's order, and the score is the area under the class's probability (Petsiuk et al. 2018), insertion minus
deletion, over that of a random order.
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
"""Equal parts in which pixels are taken away or brought back."""


@dataclass(frozen=True)
class ArmMaps:
    """One trained network's maps: ``images`` (n, px, px, c) in 0…1, ``maps`` (n, px, px) in 0…1, and scores (n,) by image.

    ``insertion`` and ``deletion`` are areas under the true class's probability; ``random`` is insertion minus deletion with
    pixels in a random order; ``right`` says which images the network classifies rightly.
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
        """Insertion minus deletion, over that of a random order; 0 is a map that says nothing."""
        return self.insertion - self.deletion - self.random


def last_map(net: nn.Module, images: Tensor) -> nn.Module:
    """The last leaf module, used once, that puts out a map of more than one position.

    Raises:
        InputError: there is none.
    """
    seen: list[nn.Module] = []

    def note(module: nn.Module, _: object, out: object) -> None:
        if isinstance(out, Tensor) and out.ndim == 4 and out.shape[-1] > 1:
            seen.append(module)

    hooks = [m.register_forward_hook(note) for m in net.modules() if not list(m.children())]
    with torch.no_grad():
        net(images[:1])
    for hook in hooks:
        hook.remove()
    once = [m for m in seen if seen.count(m) == 1]
    if not once:
        raise InputError("the network has no feature map larger than 1 × 1", "use larger images or smaller strides")
    return once[-1]


def activation_maps(net: nn.Module, images: Tensor, labels: Tensor) -> Maps:
    """Grad-CAM of each image's class, (n, px, px) in 0…1.

    Raises:
        InputError: grad-cam is not installed, or see :func:`last_map`.
    """
    try:
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    except ImportError as e:
        raise InputError(f"class activation maps need grad-cam: {e}", "pip install 'scaling-search[cam]'") from None
    with GradCAM(model=net, target_layers=[last_map(net, images)]) as cam:
        made = cam(input_tensor=images, targets=[ClassifierOutputTarget(y) for y in labels.tolist()])
    return np.nan_to_num(np.asarray(made, np.float32))


def _blurred(images: Tensor) -> Tensor:
    """Images (n, c, px, px) under a box blur of a quarter of their side, three times."""
    side = max(3, images.shape[-1] // 4 | 1)
    for _ in range(3):
        padded = F.pad(images, [side // 2] * 4, mode="reflect")
        images = F.avg_pool2d(padded, side, 1)
    return images


@torch.inference_mode()
def areas(net: nn.Module, images: Tensor, labels: Tensor, order: Tensor) -> tuple[Maps, Maps]:
    """(insertion, deletion) areas (n,) when pixels change in ``order`` (n, px²); deleted ones become the mean colour."""
    n, _, h, w = images.shape
    rank = torch.empty_like(order).scatter_(1, order, torch.arange(h * w, device=order.device).expand(n, -1))
    place, blurred = rank.view(n, 1, h, w), _blurred(images)
    curves: list[list[Tensor]] = [[], []]
    for step in range(STEPS + 1):
        changed = place < round(step / STEPS * h * w)
        for curve, (first, then) in zip(curves, ((blurred, images), (images, torch.zeros_like(images))), strict=True):
            mixed = torch.where(changed, then, first).contiguous(memory_format=torch.channels_last)
            curve.append(net(mixed).softmax(1).gather(1, labels[:, None])[:, 0])
    weights = torch.full((STEPS + 1,), 1 / STEPS, device=images.device)
    weights[[0, -1]] /= 2
    insertion, deletion = ((torch.stack(curve, 1) * weights).sum(1).cpu().numpy() for curve in curves)
    return insertion, deletion


def _arm(name: str, row: TrialRow, spec: StudySpec, checkpoint: Location, count: int) -> ArmMaps:
    where, proxy = torch.device("cpu"), recipe_of(row, spec)
    net = trained_network(row.architecture, row.seed, proxy, checkpoint, where).eval()
    _, validation = load_splits(proxy.data_request(), row.resolution, where)
    images, labels = validation.plain(slice(0, count))
    maps = activation_maps(net, images, labels)
    flat = torch.from_numpy(maps).flatten(1)
    random = torch.rand(flat.shape, generator=torch.Generator().manual_seed(0)).argsort(1)
    insertion, deletion = areas(net, images, labels, flat.sort(dim=1, descending=True, stable=True).indices)
    by_chance = areas(net, images, labels, random)
    with torch.no_grad():
        right = (net(images).argmax(1) == labels).numpy()
    shown = (images / validation.inverse + validation.mean).permute(0, 2, 3, 1).clamp(0, 255) / 255
    return ArmMaps(
        name,
        shown.numpy(),
        maps,
        labels.tolist(),
        insertion,
        deletion,
        by_chance[0] - by_chance[1],
        right,
    )


def first_seeds(rows: Sequence[TrialRow], names: Mapping[str, str]) -> dict[str, TrialRow]:
    """Each arm's first complete run by the arm's name; ``names`` are the arms' names by the key of their network."""
    return {names[r.key]: r for r in rows if r.round == 0 and r.state == "complete" and r.key in names}


def explain(arms: Mapping[str, TrialRow], spec: StudySpec, folder: Location, count: int) -> Iterator[ArmMaps]:
    """The maps of each arm's trained network for the first ``count`` validation images, one arm after the other.

    Raises:
        InputError: there is no arm, or grad-cam is missing.
        DataError: a network's weights are gone, or the images cannot be had.
    """
    if not arms:
        raise InputError(f"no run of {spec.name} is complete", "run `scaling-search validate` first")
    for name, row in arms.items():
        yield _arm(name, row, spec, checkpoint_of(folder, row.number), count)


def _interval(values: Maps) -> dict[str, Any]:
    """Mean and 95 % t interval over images."""
    mean = float(values.mean())
    if len(values) < 2 or np.ptp(values) == 0:
        return {"mean": mean, "interval": None}
    half = float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values)))
    return {"mean": mean, "interval": [mean - half, mean + half]}


def scores(found: Sequence[ArmMaps]) -> list[dict[str, Any]]:
    """Each arm's figures in JSON form, with 95 % t intervals over images; ``lead`` is the chosen one's, image by image."""
    chosen: Mapping[str, ArmMaps] = {a.arm: a for a in found}
    made = []
    for arm in found:
        figures = {name: _interval(getattr(arm, name)) for name in ("insertion", "deletion", "random", "score")}
        lead = None
        if arm.arm != "chosen" and "chosen" in chosen:
            lead = _interval(chosen["chosen"].score - arm.score)
        right = float(arm.right.mean())
        made.append({"arm": arm.arm, "images": len(arm.labels), "accuracy": right, **figures, "lead": lead})
    return made
