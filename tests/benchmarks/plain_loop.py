"""The loop people write: torchvision's model and transforms, a DataLoader with workers, one process with every thread.

Prints the images a second of a whole run: data, augmentation, evaluation, logging and a checkpoint each epoch. Imports are
left out of the clock.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from scaling_search.data.dataset import open_dataset
from scaling_search.hardware import cores
from scaling_search.training.build import build_model, zero_init_residual
from tests.benchmarks.recipe import Job, parse


class Pictures(Dataset[tuple[Tensor, int]]):
    """Arrays as torchvision's MNIST serves them: a PIL image, then the transform."""

    def __init__(self, images: Any, labels: Any, transform: Any) -> None:
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.images[i, :, :, 0])), int(self.labels[i])


def loaders(job: Job) -> tuple[DataLoader[Any], DataLoader[Any]]:
    """Training and validation, two workers each as the documentation's examples have them, no more than there are cores."""
    proxy, px = job.proxy, job.arch.resolution
    dataset = open_dataset(proxy.dataset)
    train_at, validation_at = dataset.splits(proxy.train_size, proxy.validation_size, proxy.split_seed)
    resize = [transforms.Resize(px)] if px != dataset.images.shape[1] else []
    tail = [*resize, transforms.ToTensor(), transforms.Normalize((0.286,), (0.353,))]
    moved = [transforms.RandomCrop(dataset.images.shape[1], padding=proxy.crop), transforms.RandomHorizontalFlip()]
    train = Pictures(dataset.images[train_at], dataset.labels[train_at], transforms.Compose([*moved, *tail]))
    unseen = Pictures(dataset.images[validation_at], dataset.labels[validation_at], transforms.Compose(tail))
    options: dict[str, Any] = {"num_workers": min(2, cores()), "persistent_workers": True}
    return (
        DataLoader(train, proxy.batch_size, shuffle=True, drop_last=True, **options),
        DataLoader(unseen, 256, **options),
    )


def train(job: Job, channels_last: bool) -> float:
    """One run; its last accuracy."""
    proxy, steps = job.proxy, job.proxy.train_size // job.proxy.batch_size * job.proxy.epochs
    net = build_model(job.arch, proxy.dropout, proxy.stochastic_depth)
    zero_init_residual(net)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    net = net.to(memory_format=layout)
    optimizer = torch.optim.AdamW(net.parameters(), lr=proxy.learning_rate, weight_decay=proxy.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, proxy.learning_rate, total_steps=steps)
    criterion = nn.CrossEntropyLoss(label_smoothing=proxy.label_smoothing)
    accuracy = 0.0
    training, unseen = loaders(job)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(proxy.epochs):
            net.train()
            running = 0.0
            for x, y in training:
                optimizer.zero_grad()
                loss = criterion(net(x.to(memory_format=layout)), y)
                loss.backward()
                optimizer.step()
                schedule.step()
                running += loss.item()
            net.eval()
            correct = 0
            with torch.no_grad():
                for x, y in unseen:
                    correct += int((net(x.to(memory_format=layout)).argmax(1) == y).sum())
            accuracy = correct / proxy.validation_size
            torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, Path(folder) / "last.pt")
    return accuracy


def main() -> None:
    """Read a job, time it, print images a second."""
    job = parse(sys.argv[1])
    began = time.perf_counter()
    train(job, "--channels-last" in sys.argv[2:])
    print(job.proxy.train_size * job.proxy.epochs / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
