"""A proxy run: one short training of one network with one seed.

The recipe lets short runs train deep networks: residual branches start at zero, AdamW decays weights only, and the one-cycle
learning rate (Smith & Topin 2018) reaches zero within the budget.

A run is a function of architecture, seed, recipe and library versions. Every epoch draws all of its randomness from (seed, epoch),
so on a CPU a run that is killed and resumed gives the same losses and accuracies to the bit.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from scaling_search.data.batches import Batches, load_splits, load_test
from scaling_search.errors import DataError, Diverged
from scaling_search.networks.architecture import Architecture
from scaling_search.records import EpochResult
from scaling_search.spec.proxy import ProxySpec
from scaling_search.training import checkpoints
from scaling_search.training.build import build_model, zero_init_residual
from scaling_search.training.checkpoints import Location
from scaling_search.training.cpu_depthwise import speed_up_depthwise
from scaling_search.training.cpu_squeeze_excite import speed_up_squeeze_excite

EVALUATION_BATCH = 256


def learning_rate(step: int, steps: int, peak: float, warmup: float) -> float:
    """The one-cycle rate: a cosine rise to ``peak`` over a fraction ``warmup`` of the steps, then a cosine fall to 0."""
    rising = min(max(1, round(warmup * steps)), max(0, steps - 2)) if warmup > 0 else 0
    if step < rising:
        return peak * 0.5 * (1 - math.cos(math.pi * (step + 1) / (rising + 1)))
    return peak * 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, steps - 1 - rising)))


def make_optimizer(net: nn.Module, proxy: ProxySpec) -> torch.optim.Optimizer:
    """AdamW with decay of convolution and linear weights, but not of biases and batch norm."""
    weights = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": proxy.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=proxy.learning_rate, fused=True)


def mixed_precision(device: torch.device) -> torch.autocast:
    """bf16 autocast on CUDA. On a CPU it is disabled, because it would be slower."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


def _save(checkpoint: Location, state: dict[str, object]) -> None:
    """Write a checkpoint.

    Raises:
        CheckpointError: it cannot be written.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    checkpoints.write(checkpoint, buffer.getvalue())


def _load(checkpoint: Location, identity: str) -> dict[str, Any] | None:
    """The state of a run, or None if the checkpoint is missing, damaged, or of another run."""
    body = checkpoints.read(checkpoint)
    if body is None:
        return None
    state = torch.load(io.BytesIO(body), weights_only=True)
    return state if isinstance(state, dict) and state.get("identity") == identity else None


@torch.inference_mode()
def evaluate(net: nn.Module, data: Batches) -> tuple[float, float]:
    """Mean cross-entropy (nats) and accuracy (fraction) over a split."""
    autocast = mixed_precision(data.device)
    net.eval()
    loss = correct = 0.0
    for x, y in data.in_order(EVALUATION_BATCH):
        with autocast:
            logits = net(x)
        loss += F.cross_entropy(logits.float(), y, reduction="sum").item()
        correct += (logits.argmax(1) == y).sum().item()
    net.train()
    return loss / len(data), correct / len(data)


@dataclass
class _Epoch:
    """Random numbers of one epoch: the order of the images, and the shift and flip of each image."""

    order: Tensor
    shifts: Tensor
    flips: Tensor

    @staticmethod
    def draw(seed: int, epoch: int, images: int, proxy: ProxySpec, device: torch.device) -> _Epoch:
        random = np.random.default_rng([seed, epoch])
        torch.manual_seed(int(random.integers(2**62)))
        order = torch.from_numpy(random.permutation(images))
        shifts = torch.from_numpy(random.integers(0, 2 * proxy.crop + 1, (images, 2)))
        flips = torch.from_numpy(random.random(images) < 0.5 if proxy.flip else np.zeros(images, bool))
        return _Epoch(order.to(device), shifts.to(device), flips.to(device))


def trained_network(
    arch: Architecture, seed: int, proxy: ProxySpec, checkpoint: Location, device: torch.device
) -> nn.Module:
    """The network that :func:`train` saved in the checkpoint.

    Raises:
        DataError: there is no valid checkpoint of this run.
    """
    saved = _load(checkpoint, _identity(arch, seed, proxy))
    if saved is None:
        raise DataError(f"the checkpoint {checkpoint} is gone", "run the study again")
    net = make_network(arch, seed, proxy, device)
    net.load_state_dict(saved["net"])
    return net


def evaluate_on_test(
    arch: Architecture, seed: int, proxy: ProxySpec, checkpoint: Location, device: str = "cpu"
) -> float:
    """Accuracy on the test images of the network that :func:`train` saved in the checkpoint.

    Raises:
        DataError: there is no valid checkpoint of this run, or the test images cannot be read.
    """
    torch_device = torch.device(device)
    net = trained_network(arch, seed, proxy, checkpoint, torch_device)
    return evaluate(net, load_test(proxy.data_request(), arch.resolution, torch_device))[1]


def _identity(arch: Architecture, seed: int, proxy: ProxySpec) -> str:
    """What a checkpoint must match to be resumed. The dataset's folder is left out, because moving it changes nothing."""
    return f"{arch.key} {seed} {proxy.model_dump_json(exclude={'root'})}"


def make_network(arch: Architecture, seed: int, proxy: ProxySpec, device: torch.device) -> nn.Module:
    """The network at the start of a run: weights drawn from the seed, residual branches zero, channels_last."""
    torch.manual_seed(seed)
    net = build_model(arch, proxy.dropout, proxy.stochastic_depth)
    zero_init_residual(net)
    for module in net.modules():
        if isinstance(module, nn.SiLU | nn.Hardswish):
            module.inplace = False  # their gradient needs the input, so in-place versions would copy it first
    if device.type == "cpu":
        net = speed_up_squeeze_excite(speed_up_depthwise(net))
    return net.to(device).to(memory_format=torch.channels_last)


def train_epoch(
    net: nn.Module, optimizer: torch.optim.Optimizer, data: Batches, seed: int, epoch: int, proxy: ProxySpec
) -> tuple[float, float]:
    """One pass over the training images. Returns the mean loss (nats) and the learning rate of the last step."""
    autocast = mixed_precision(data.device)
    drawn = _Epoch.draw(seed, epoch, len(data), proxy, data.device)
    batches = len(data) // proxy.batch_size  # a last, smaller batch is dropped
    total = torch.zeros((), device=data.device)
    rate = 0.0
    loader = data.training(drawn.order, drawn.shifts, drawn.flips, proxy.crop, proxy.batch_size)
    for batch, (x, y) in enumerate(loader):
        step = epoch * batches + batch
        rate = learning_rate(step, proxy.epochs * batches, proxy.learning_rate, proxy.warmup)
        for group in optimizer.param_groups:
            group["lr"] = rate
        with autocast:
            loss = F.cross_entropy(net(x), y, label_smoothing=proxy.label_smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss.detach()
    return total.item() / batches, rate


def train(
    arch: Architecture, seed: int, proxy: ProxySpec, checkpoint: Location | None = None, device: str = "cpu"
) -> Iterator[EpochResult]:
    """Train one network and yield the result of each epoch. Epochs in the checkpoint are not trained again, only yielded.

    Raises:
        DataError: the dataset cannot be read.
        CheckpointError: the checkpoint cannot be written.
        Diverged: a loss is not finite; the message names the epoch and the learning rate.
    """
    torch_device = torch.device(device)
    data, validation = load_splits(proxy.data_request(), arch.resolution, torch_device)
    net = make_network(arch, seed, proxy, torch_device)
    optimizer = make_optimizer(net, proxy)
    curve: list[EpochResult] = []
    identity = _identity(arch, seed, proxy)
    saved = _load(checkpoint, identity) if checkpoint else None
    if saved is not None:
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        curve = [EpochResult(**epoch) for epoch in saved["curve"]]
        yield from curve

    for epoch in range(len(curve), proxy.epochs):
        started = time.perf_counter()
        train_loss, rate = train_epoch(net, optimizer, data, seed, epoch, proxy)
        training_s = time.perf_counter() - started
        validation_loss, accuracy = evaluate(net, validation)
        if not (math.isfinite(train_loss) and math.isfinite(validation_loss)):
            raise Diverged(
                f"the loss is not finite after epoch {epoch + 1} of {proxy.epochs} (learning rate {rate:.2e})",
                f"lower proxy.learning_rate (peak {proxy.learning_rate:g})",
            )
        epoch_s, images = time.perf_counter() - started, len(data) // proxy.batch_size * proxy.batch_size
        result = EpochResult(epoch, train_loss, validation_loss, accuracy, rate, epoch_s, images / training_s)
        curve.append(result)
        if checkpoint:
            state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "curve": [asdict(e) for e in curve]}
            _save(checkpoint, {"identity": identity, **state})
        yield result
