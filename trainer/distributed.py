"""What several training processes share: each other's embeddings, and the statistics of batch norms."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


class _Gather(torch.autograd.Function):
    """Rows of all processes, in the order of their ranks; the gradient of a process's rows is summed over all."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        parts = [torch.empty_like(rows) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        total = grads[0].contiguous()
        dist.all_reduce(total)
        return total.chunk(dist.get_world_size())[dist.get_rank()]


class _SumOfGradients(torch.autograd.Function):
    """Identity whose gradient is summed over all processes."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        return value.view_as(value)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        total = grads[0].contiguous().clone()
        dist.all_reduce(total)
        return total


class _Sum(torch.autograd.Function):
    """Sum over all processes; so is its gradient."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        total = value.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        total = grads[0].contiguous().clone()
        dist.all_reduce(total)
        return total


def _sum_over_processes(value: Tensor) -> Tensor:
    total: Tensor = _Sum.apply(value)  # type: ignore[no-untyped-call]  # torch's own decorator is untyped
    return total


def is_distributed() -> bool:
    """Whether this process is one of several."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def gather(rows: Tensor) -> Tensor:
    """Every process's rows, `(rows, …)` of equal shape in each -> `(processes * rows, …)`, with gradients.

    If every process computes the same loss of the gathered rows, and gradients are averaged over the processes as
    `DistributedDataParallel` does, then they are those of one process with all rows.
    """
    if not is_distributed():
        return rows
    gathered: Tensor = _Gather.apply(rows)  # type: ignore[no-untyped-call]  # torch's own decorator is untyped
    return gathered


def sum_gradients(value: Tensor) -> Tensor:
    """The same tensor, whose gradient is summed over all processes on the way back.

    For the filter bank: its gradients are brought to one size before `DistributedDataParallel` averages them, which
    must see the sum.
    """
    if not (is_distributed() and value.requires_grad):
        return value
    same: Tensor = _SumOfGradients.apply(value)  # type: ignore[no-untyped-call]  # as above
    return same


class SharedBatchNorm2d(nn.BatchNorm2d):
    """Batch norm over the rows of all processes, on any device; torch's `SyncBatchNorm` refuses the CPU."""

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, channels, h, w)` -> the same; in eval mode and in one process as the base class."""
        if not (self.training and is_distributed()):
            normal: Tensor = super().forward(x)
            return normal
        count = x.numel() // x.shape[1] * dist.get_world_size()
        mean = _sum_over_processes(x.float().sum((0, 2, 3))) / count  # (channels,)
        centred = x.float() - mean[:, None, None]
        variance = _sum_over_processes(centred.square().sum((0, 2, 3))) / count  # (channels,)
        if self.track_running_stats:
            self._remember(mean, variance * count / (count - 1))
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (centred * scale[:, None, None] + self.bias[:, None, None]).to(x.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mean, self.momentum or 0.0)
        self.running_var.lerp_(variance, self.momentum or 0.0)


def share_batch_norms(module: nn.Module) -> None:
    """Make every `BatchNorm2d` inside a module a `SharedBatchNorm2d`, in place; weights and names stay."""
    for part in module.modules():
        if type(part) is nn.BatchNorm2d:
            part.__class__ = SharedBatchNorm2d
