"""Embedding on a Ray cluster. The only importer of `ray`.

A task on the cluster runs a Ray Data pipeline: blocks of files → a pool of actors with one model each → content hashes
and, where the content is not known, written but invisible vectors. This process waits for the results, reports them and
commits them, new files in one commit unless the job takes more than an hour. Ray starts a dead worker again and hands
its block out again; what the dead one had written nobody commits.
"""

from __future__ import annotations

import math
import os
import pickle
import socket
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeAlias

import pyarrow as pa

from audioclip_search.errors import AudioCLIPSearchError, ModelError
from audioclip_search.indexer.blocks import BlockEmbedder, EmbeddedBlock, Job, cut, digests_of
from audioclip_search.indexer.contents import Contents
from audioclip_search.indexer.execution import carry_out
from audioclip_search.indexer.harvest import Harvest
from audioclip_search.indexer.planning import Plan
from audioclip_search.indexer.tally import Tally
from audioclip_search.storage import IndexStore, StoredFiles
from audioclip_search.storage.fragments import target_of
from audioclip_search.types import CancelToken, FileStamp, OnProgress, RayEngine, SyncReport

# The module and its class: mypy sees nothing of them.
Ray: TypeAlias = Any
ObjectRef: TypeAlias = Any

_POLL_S = 0.1
# Ray itself tries an address for a quarter of an hour.
_CONNECT_S = 10.0
_RESTARTS_OF_A_BLOCK = 3
_REMEDY = "What was finished is kept: run the command again. Why the workers stopped is in Ray's logs"


def execute_on_ray(
    plan: Plan,
    stored: StoredFiles,
    *,
    root: Path,
    store: IndexStore,
    engine: RayEngine,
    model: str,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> SyncReport:
    """What `execute` does, with the reading, hashing and embedding done by the workers of a Ray cluster.

    Every machine of the cluster needs this package with its extra `ray`, the model, and the folder and the index under
    the same path as here (a shared drive); for an index in an object store, what this machine has in its environment. A
    failure of a file is recorded as in `execute`. What is finished is committed also when the work is cancelled or
    fails: whole blocks of up to 256 files, of new files. New files with the same content are each embedded.

    Args:
        plan: What to do.
        stored: What the index knew when the plan was made.
        root: The folder.
        store: The index, of that model.
        engine: The cluster.
        model: A registered name, or a path on every machine.
        device: Each worker's: `auto` or as torch names it.
        on_progress: Called from this thread, when a block is done.
        cancel: Stops the work soon; blocks under way are lost. The report then says so.

    Returns:
        What was done; `duration_s` is left to the caller.

    Raises:
        MediaError: A worker does not see the folder; or it has vanished when files are to be forgotten.
        ModelError: Ray is not installed, the cluster can't be reached or gives up, or a worker can't use the model.
        StorageError: The index can't be written, here or by a worker, or pylance is not installed.
    """
    token = cancel or CancelToken()

    def embed(contents: Contents, tally: Tally) -> None:
        if token.cancelled:
            return
        ray = _import_ray()
        target = target_of(store)
        job = Job(root, target, model, device)
        with Harvest(root, store, target, contents, tally) as harvest, _connected(ray, engine.address):
            pool = _Pool.of(ray.nodes(), workers=engine.workers, device=device)
            new, changed = (cut(stamps, workers=pool.size) for stamps in (plan.new, plan.changed))
            # An object of Ray's own: what each machine gets of it once, all its workers share.
            known = ray.put(digests_of(contents.stored))
            # Closed before the connection is, whatever happens in between.
            with closing(_embed(ray, [*new, *changed], job, known=known, pool=pool, cancel=token)) as blocks:
                for number, block in blocks:
                    add = harvest.add_new if number < len(new) else harvest.add_changed
                    add(block)
            if not token.cancelled:
                harvest.finish()

    return carry_out(plan, stored, root=root, store=store, embed=embed, on_progress=on_progress, cancel=token)


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
    ray: Ray, blocks: Sequence[tuple[FileStamp, ...]], job: Job, *, known: ObjectRef, pool: _Pool, cancel: CancelToken
) -> Generator[tuple[int, EmbeddedBlock], None, None]:
    """Blocks as they are done, each once, with its number. Ends early if cancelled."""
    missing = set(range(len(blocks)))
    pickled = [pickle.dumps(block) for block in blocks]
    # In a task of its own, because a thread that waits for Ray Data can't be interrupted; and what Ray Data says about
    # its work then goes to Ray's logs. Once only: a second run would give other blocks in other order.
    coordinate = ray.remote(num_cpus=0, max_retries=0)(_coordinate)
    with _translated(ray):
        results = coordinate.remote(pickled, job, [known], pool)
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
                        yield number, result
        finally:
            ray.cancel(results, force=True)
    if missing and not cancel.cancelled:
        raise ModelError(f"{len(missing)} of {len(blocks)} blocks of files came back from no worker", remedy=_REMEDY)


def _coordinate(
    blocks: list[bytes], job: Job, known: list[ObjectRef], pool: _Pool
) -> Iterator[tuple[list[int], list[bytes]]]:
    """Runs on the cluster: the pipeline. Numbers of blocks, and for each a pickled `EmbeddedBlock` or error."""
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    items = [{"number": number, "stamps": stamps} for number, stamps in enumerate(blocks)]
    embedded = ray.data.from_items(items, override_num_blocks=len(items)).map_batches(
        _Worker,
        fn_constructor_args=(job, known),
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

    def __init__(self, job: Job, known: list[ObjectRef]) -> None:
        import ray

        self._embedder = BlockEmbedder(job, ray.get(known[0]))

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Blocks of files, `number` and pickled `stamps`, to `number` and pickled `result`."""
        results = [pickle.dumps(self._embed(pickle.loads(stamps))) for stamps in batch["stamps"].to_pylist()]
        return pa.table({"number": batch["number"], "result": pa.array(results, pa.large_binary())})

    def _embed(self, stamps: tuple[FileStamp, ...]) -> EmbeddedBlock | AudioCLIPSearchError:
        try:
            return self._embedder.embed(stamps)
        except AudioCLIPSearchError as error:
            return error


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
