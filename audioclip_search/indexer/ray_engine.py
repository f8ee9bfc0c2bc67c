"""Embedding on a Ray cluster. The only importer of `ray`.

A task on the cluster runs a Ray Data pipeline: blocks of files → a pool of actors with one model each → written but
invisible vectors. This process waits for the results, reports them and commits them, in one commit unless the job
takes more than an hour. Ray starts a dead worker again and hands its block out again; what the dead one had written
nobody commits.
"""

from __future__ import annotations

import math
import os
import pickle
import socket
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import pyarrow as pa

from audioclip_search.errors import AudioCLIPSearchError, ModelError, StorageError
from audioclip_search.indexer.blocks import BlockEmbedder, EmbeddedBlock, Job, cut
from audioclip_search.indexer.execution import execute
from audioclip_search.indexer.planning import Plan
from audioclip_search.storage import IndexStore
from audioclip_search.storage.fragments import FragmentTarget, WrittenFiles, commit_fragments, require_lance, target_of
from audioclip_search.types import (
    CancelToken,
    Failure,
    FileStamp,
    OnProgress,
    SyncProgress,
    SyncReport,
    SyncStage,
)

if TYPE_CHECKING:
    from audioclip_search.encoder import Encoder  # loads torch

Ray: TypeAlias = Any  # the module: mypy sees nothing of it

_POLL_S = 0.1
# Ray itself tries an address for a quarter of an hour.
_CONNECT_S = 10.0
_RESTARTS_OF_A_BLOCK = 3
# A shorter and smaller job is committed once; of a longer one, a crash of this process costs no more than this.
_COMMIT_EVERY_S = 3_600.0
_COMMIT_FILES = 250_000
_REMEDY = "What was finished is kept: run the command again. Why the workers stopped is in Ray's logs"


def execute_on_ray(
    plan: Plan,
    *,
    root: Path,
    store: IndexStore,
    model: str | Path,
    device: str = "auto",
    address: str | None = None,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> SyncReport:
    """What `execute` does, with the embedding done by the workers of a Ray cluster.

    Every machine of the cluster needs this package with its extra `ray`, the model, and the folder and the index under
    the same path as here (a shared drive). A failure of a file is recorded as in `execute`. What is finished is
    committed also when the work is cancelled or fails: whole blocks of up to 256 files.

    Args:
        plan: What to do.
        root: The folder.
        store: The index, of that model.
        model: A registered name, or a path on every machine.
        device: Each worker's: `auto` or as torch names it.
        address: `host:port` of a cluster, or `auto` for the one this machine is part of. None takes the environment
            variable RAY_ADDRESS, or else starts a cluster of this machine alone and stops it at the end. A connection
            that this process already has is used whatever the address, and left open.
        workers: How many, one model each; None for one a GPU, or one a machine if there are no GPUs.
        on_progress: Called from this thread, after each block.
        cancel: Stops the work soon; blocks under way are lost. The report then says so.

    Returns:
        What was done; `duration_s` is left to the caller.

    Raises:
        MediaError: A worker does not see the folder; or it has vanished when files are to be forgotten.
        ModelError: Ray is not installed, the cluster can't be reached or gives up, or a worker can't use the model.
        StorageError: The index can't be written, here or by a worker, or pylance is not installed.
    """
    cancel = cancel or CancelToken()
    tally = _Tally(plan, on_progress)
    stamps = (*plan.new, *plan.changed)
    if stamps and not cancel.cancelled:
        tally.report()
        ray = _import_ray()
        require_lance()
        target = target_of(store)
        job = Job(root, target, str(model), device, store.identity)
        with _Committer(store, target) as committer, _connected(ray, address):
            pool = _Pool.of(ray.nodes(), workers=workers, device=device)
            for block in _embed(ray, cut(stamps, workers=pool.size), job, pool, cancel):
                committer.add(block.written)
                tally.finished(block)
    rest = execute(
        replace(plan, new=(), changed=()),
        root=root,
        store=store,
        open_encoder=_nothing_to_embed,
        on_progress=tally.relay,
        cancel=cancel,
    )
    return tally.summary(rest)


def _nothing_to_embed() -> Encoder:
    raise AssertionError("all files were embedded by the cluster")


@dataclass(frozen=True, slots=True)
class _Pool:
    """How many workers, and what share of a machine each is promised. Ray also limits torch to as many threads."""

    size: int
    cpus: int
    gpus: float

    @classmethod
    def of(cls, nodes: Sequence[dict[str, Any]], *, workers: int | None, device: str) -> Self:
        """For the machines as `ray.nodes()` describes them. A head node that offers no processor gets no worker."""
        alive = [node["Resources"] for node in nodes if node["Alive"] and node["Resources"].get("CPU", 0) >= 1]
        if not alive:
            raise ModelError("no machine of the Ray cluster offers a processor", remedy="Add one that does")
        gpus = 0.0 if device == "cpu" else sum(resources.get("GPU", 0.0) for resources in alive)
        size = workers or int(gpus) or len(alive)
        cpus = min(resources["CPU"] for resources in alive) // math.ceil(size / len(alive))
        share = min(1.0, gpus / size)
        return cls(size, max(1, int(cpus)), share)


def _embed(
    ray: Ray, blocks: Sequence[tuple[FileStamp, ...]], job: Job, pool: _Pool, cancel: CancelToken
) -> Iterator[EmbeddedBlock]:
    """Blocks as they are done, each once. Ends early if cancelled."""
    missing = set(range(len(blocks)))
    pickled = [pickle.dumps(block) for block in blocks]
    # In a task of its own, because a thread that waits for Ray Data can't be interrupted; and what Ray Data says about
    # its work then goes to Ray's logs. Once only: a second run would give other blocks in other order.
    coordinate = ray.remote(num_cpus=0, max_retries=0)(_coordinate)
    with _translated(ray):
        results = coordinate.remote(pickled, job, pool)
        try:
            while not cancel.cancelled:
                if not ray.wait([results], timeout=_POLL_S)[0]:
                    continue
                try:
                    numbers, contents = ray.get(next(results))
                except StopIteration:
                    break
                for number, content in zip(numbers, contents, strict=True):
                    result = pickle.loads(content)
                    if isinstance(result, AudioCLIPSearchError):
                        raise result
                    if number in missing:  # Ray makes what was lost again; never seen to come here twice
                        missing.remove(number)
                        yield result
        finally:
            ray.cancel(results, force=True)
    if missing and not cancel.cancelled:
        raise ModelError(f"{len(missing)} of {len(blocks)} blocks of files came back from no worker", remedy=_REMEDY)


def _coordinate(blocks: list[bytes], job: Job, pool: _Pool) -> Iterator[tuple[list[int], list[bytes]]]:
    """Runs on the cluster: the pipeline. Numbers of blocks, and for each a pickled `EmbeddedBlock` or error."""
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    items = [{"number": number, "stamps": stamps} for number, stamps in enumerate(blocks)]
    embedded = ray.data.from_items(items, override_num_blocks=len(items)).map_batches(
        _Worker,
        fn_constructor_args=(job,),
        batch_size=1,
        batch_format="pyarrow",
        # One block waits at each worker while it embeds another.
        compute=ray.data.ActorPoolStrategy(size=pool.size, max_tasks_in_flight_per_actor=2),
        num_cpus=pool.cpus,
        num_gpus=pool.gpus,
        # A file that kills its worker must not do so for ever.
        max_task_retries=_RESTARTS_OF_A_BLOCK,
    )
    for batch in embedded.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
        yield batch["number"].to_pylist(), batch["result"].to_pylist()


class _Worker:
    """What Ray Data makes actors of. Errors that a person can do something about come back as results, because Ray
    wraps those that are raised in its own."""

    def __init__(self, job: Job) -> None:
        self._embedder = BlockEmbedder(job)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Blocks of files, `number` and pickled `stamps`, to `number` and pickled `result`."""
        results = [pickle.dumps(self._embed(pickle.loads(stamps))) for stamps in batch["stamps"].to_pylist()]
        return pa.table({"number": batch["number"], "result": pa.array(results, pa.large_binary())})

    def _embed(self, stamps: tuple[FileStamp, ...]) -> EmbeddedBlock | AudioCLIPSearchError:
        try:
            return self._embedder.embed(stamps)
        except AudioCLIPSearchError as error:
            return error


class _Committer:
    """Collects written files and commits them: after an hour, or very many, and on leaving, whatever ended the block,
    unless it was the index itself."""

    def __init__(self, store: IndexStore, target: FragmentTarget) -> None:
        self._store = store
        self._target = target
        self._written: list[WrittenFiles] = []
        self._files = 0
        self._due = time.monotonic() + _COMMIT_EVERY_S

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not isinstance(error, StorageError):
            self._commit()

    def add(self, written: WrittenFiles) -> None:
        self._written.append(written)
        self._files += len(written.files)
        if self._files >= _COMMIT_FILES or time.monotonic() >= self._due:
            self._commit()

    def _commit(self) -> None:
        commit_fragments(self._store, self._target, self._written)
        self._written, self._files = [], 0
        self._due = time.monotonic() + _COMMIT_EVERY_S


class _Tally:
    """Counts what the cluster does, and reports it."""

    def __init__(self, plan: Plan, on_progress: OnProgress | None) -> None:
        self._new = {stamp.path for stamp in plan.new}
        self._total = len(plan.new) + len(plan.changed)
        self._on_progress = on_progress
        self._added = self._updated = self._vanished = self._windows = 0
        self._failures: list[Failure] = []

    def finished(self, block: EmbeddedBlock) -> None:
        path = ""
        for outcome in block.written.outcomes:
            path = outcome.path
            if outcome.failure:
                self._failures.append(Failure(path, outcome.failure))
            elif path in self._new:
                self._added += 1
            else:
                self._updated += 1
            self._windows += outcome.windows
        self._vanished += len(block.vanished)
        self.report(path=path)

    def report(self, stage: SyncStage = SyncStage.EMBED, path: str = "") -> None:
        if self._on_progress is not None:
            done = self._added + self._updated + self._vanished + len(self._failures)
            self._on_progress(SyncProgress(stage, done, self._total, path, len(self._failures)))

    def relay(self, progress: SyncProgress) -> None:
        """Pass on what is reported of the rest of the work, which knows nothing of the files counted here."""
        if progress.stage is SyncStage.DONE:
            self.report(SyncStage.DONE)
        elif self._on_progress is not None:
            self._on_progress(progress)

    def summary(self, rest: SyncReport) -> SyncReport:
        return replace(
            rest,
            added=self._added,
            updated=self._updated,
            windows=self._windows,
            failures=tuple(sorted(self._failures, key=lambda failure: failure.path)),
        )


def _import_ray() -> Ray:
    try:
        import ray
        import ray.data  # its own requirements, which `pip install ray` leaves out
    except ImportError as error:
        raise ModelError(
            f"Ray is not installed: {error}",
            remedy="Run `pip install 'audioclip-search[ray]'`, on every machine of the cluster",
        ) from error
    return ray


@contextmanager
def _connected(ray: Ray, address: str | None) -> Iterator[None]:
    """A connection to the cluster, closed at the end; or the one that there is, left open."""
    if ray.is_initialized():
        yield
        return
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    _require_reachable(address)
    alone = {"include_dashboard": False} if address == "local" else {}
    try:
        with warnings.catch_warnings():
            # Ray starts a cluster's processes by fork and exec; what LanceDB warns of is a child that goes on using it.
            warnings.filterwarnings("ignore", message="lance is not fork-safe", category=UserWarning)
            warnings.filterwarnings("ignore", message="lancedb fork support is", category=RuntimeWarning)
            # Ray's messages are not this program's: nothing outside `cli` prints.
            ray.init(address=address, log_to_driver=False, configure_logging=False, **alone)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise _unreachable(address, str(error).partition("\n")[0]) from error
    try:
        yield
    finally:
        ray.shutdown()


def _require_reachable(address: str) -> None:
    if address in ("local", "auto"):
        return
    host, _, port = address.rpartition(":")
    if "://" in address or not host or not port.isdecimal():
        raise _unreachable(address, "it should read host:port")
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_S).close()
    except OSError as error:
        raise _unreachable(address, error.strerror or str(error)) from error


def _unreachable(address: str, reason: str) -> ModelError:
    return ModelError(
        f"no Ray cluster can be reached at {address}: {reason}",
        remedy="Give the address that `ray start --head` printed, from a machine of the cluster, or none at all",
    )


@contextmanager
def _translated(ray: Ray) -> Iterator[None]:
    try:
        yield
    except ray.exceptions.RayError as error:
        reason = str(error).strip().rpartition("\n")[2]
        raise ModelError(f"the workers of the Ray cluster gave up: {reason}", remedy=_REMEDY) from error
