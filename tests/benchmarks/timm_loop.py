"""timm's training recipe from timm's own parts: network, loaders, AdamW, schedule, smoothed loss; channels_last, as its scripts offer.

Prints the images a second of a whole run: data, augmentation, evaluation and a checkpoint each epoch. Imports are left out of
the clock.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from timm.data import create_loader
from timm.loss import LabelSmoothingCrossEntropy
from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2
from timm.utils import AverageMeter, accuracy
from torch import nn

from scaling_search.data.dataset import open_dataset
from scaling_search.export.frameworks import to_timm
from scaling_search.hardware import cores
from scaling_search.networks.coefficients import PAPER
from scaling_search.networks.family import Family, family_member
from tests.benchmarks.plain_loop import Pictures
from tests.benchmarks.recipe import Job, parse


def network(job: Job) -> nn.Module:
    """The job's network as timm builds it; its stem is put in afterwards, for grey images and for stride 1."""
    arch = job.arch
    base = arch.with_strides([2, *arch.strides[1:]])
    net_member = family_member("net", base, arch, phi=0.0, depth=1.0, width=1.0, target_ratio=1.0, dropout=0.0)
    family = Family(base="net", rounding="nearest", **PAPER._asdict(), models=(net_member,), network=base.to_dict())
    module = ModuleType("exported")
    exec(compile(to_timm(family), "exported.py", "exec"), module.__dict__)
    net: nn.Module = module.build("net", arch.classes, job.proxy.stochastic_depth)
    net.conv_stem = nn.Conv2d(arch.image_channels, arch.stem, 3, arch.stem_stride, 1, bias=False)
    return net


def loaders(job: Job) -> list[Any]:
    """Training and validation by timm's create_loader, workers as in plain_loop.py."""
    proxy, px = job.proxy, job.arch.resolution
    dataset = open_dataset(proxy.dataset)
    parts = dataset.splits(proxy.train_size, proxy.validation_size, proxy.split_seed)
    made = []
    for training, at in zip((True, False), parts, strict=True):
        made.append(
            create_loader(
                Pictures(dataset.images[at], dataset.labels[at], None),
                input_size=(1, px, px),
                batch_size=proxy.batch_size if training else 256,
                is_training=training,
                use_prefetcher=False,
                scale=(0.8, 1.0),
                interpolation="bilinear",
                mean=(0.286,),
                std=(0.353,),
                num_workers=min(2, cores()),
                pin_memory=False,
                device=torch.device("cpu"),
                persistent_workers=True,
            )
        )
    return made


def train(job: Job) -> float:
    """One run; its last accuracy, %."""
    proxy = job.proxy
    net = network(job).to(memory_format=torch.channels_last)
    optimizer = create_optimizer_v2(net, opt="adamw", lr=proxy.learning_rate, weight_decay=proxy.weight_decay)
    schedule, epochs = create_scheduler_v2(optimizer, sched="cosine", num_epochs=proxy.epochs, warmup_epochs=0)
    criterion, right = LabelSmoothingCrossEntropy(proxy.label_smoothing), AverageMeter()
    training, unseen = loaders(job)
    with tempfile.TemporaryDirectory() as folder:
        for epoch in range(epochs):
            net.train()
            losses = AverageMeter()
            for x, y in training:
                loss = criterion(net(x.to(memory_format=torch.channels_last)), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.update(loss.item(), len(x))
            net.eval()
            right.reset()
            with torch.inference_mode():
                for x, y in unseen:
                    (top,) = accuracy(net(x.to(memory_format=torch.channels_last)), y)
                    right.update(top.item(), len(x))
            schedule.step(epoch + 1)
            torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, Path(folder) / "last.pt")
    return float(right.avg)


def main() -> None:
    """Read a job, time it, print images a second."""
    job = parse(sys.argv[1])
    began = time.perf_counter()
    train(job)
    print(job.proxy.train_size * job.proxy.epochs / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
