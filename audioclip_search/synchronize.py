"""One sync of a library: look at its folders, compare them with the index, and bring that up to date."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from audioclip_search.errors import MediaError
from audioclip_search.folders import Folders, is_empty, remembered_root
from audioclip_search.indexer import Survey, execute, is_within, plan, survey
from audioclip_search.indexer.ray_engine import execute_on_ray
from audioclip_search.session import Session
from audioclip_search.storage import IndexStore, StoredFiles
from audioclip_search.types import CancelToken, OnProgress, Places, RayEngine, SyncReport

# Of the files that an index knows, so many are looked for in a root that is not the one it was made for, and that share
# must be there.
_SAMPLED = 1_000
_LEAST_SHARE_THERE = 0.2


def synchronize(
    session: Session,
    folders: Folders,
    *,
    reembed: bool = False,
    paths: Iterable[str | Path] | None = None,
    engine: RayEngine | None = None,
    on_progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> SyncReport:
    """See `Library.sync`, which keeps other syncs out meanwhile.

    Raises:
        CancelledError: `cancel` was called while the folders were looked at.
    """
    if engine is not None:
        session.require_portable_model()
    known = session.store().stored() if session.exists else None
    within = None if paths is None else folders.keys_of(paths)
    found = look(session, folders, known, within=within, on_progress=on_progress, cancel=cancel)

    def update(store: IndexStore, *, optimize: bool = True) -> SyncReport:
        stored = store.stored()
        work = plan(found, stored)
        if engine is not None:
            return execute_on_ray(
                work,
                stored,
                root=folders.root,
                store=store,
                engine=engine,
                model=session.portable_model(store),
                device=session.device,
                on_progress=on_progress,
                cancel=cancel,
            )
        return execute(
            work,
            stored,
            root=folders.root,
            store=store,
            open_encoder=lambda: session.encoder_for(store),
            on_progress=on_progress,
            cancel=cancel,
            optimize=optimize,
        )

    if reembed and known is not None:
        with session.staging() as staging:
            report = update(staging, optimize=False)
            if not report.cancelled:
                staging.take_place_of(
                    session.location, pending=[path for path in known if is_within(path, found.unseen)]
                )
                staging.destroy()
                session.store().optimize(compact=False)
        return report
    store = session.store_to_sync()
    root = remembered_root(folders.root, session.location)

    def as_found(places: Places) -> Places:
        mounts = found.mounts if paths is None else tuple(sorted({*places.mounts, *found.mounts}))
        return replace(places, root=root, mounts=mounts)

    store.set_places(as_found)
    return update(store)


def look(
    session: Session,
    folders: Folders,
    known: StoredFiles | None,
    *,
    within: Collection[str] | None = None,
    on_progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> Survey:
    """Survey the library's folders; what looks like an unplugged drive counts as unseen.

    Args:
        session: Says where the index is.
        folders: To look at.
        known: What the index knows; None if there is none.
        within: Only these places.
        on_progress: See `survey`.
        cancel: See `survey`.

    Raises:
        MediaError: None of the folders is there, or the root is another index's.
        CancelledError: `cancel` was called.
    """
    found = survey(
        folders.root,
        places=folders.places,
        within=within,
        skip=session.own_folders,
        on_progress=on_progress,
        cancel=cancel,
    )
    if known is None:
        return found
    _require_same_root(session, folders, known)
    return _without_empty_folders(session, folders, found, known)


def _require_same_root(session: Session, folders: Folders, known: StoredFiles) -> None:
    """Refuse a root in which hardly any of the files are that its index knows, unless the index has always been this
    root's: somebody gave the wrong folder or the wrong index."""
    place = folders.places.root
    before = Path(session.location, place) if isinstance(session.location, Path) else Path(place)
    if not place or before.resolve() == folders.root.resolve():
        return
    in_root = [path for path in known if not Path(path).is_absolute()]
    sample = in_root[:: max(1, len(in_root) // _SAMPLED)]  # in the order of ids, which are random
    there = sum(folders.path_of(path).exists() for path in sample)
    if there >= _LEAST_SHARE_THERE * len(sample):
        return
    raise MediaError(
        f"has none, or hardly any, of the files that its index knows; they were in {before}",
        path=folders.root,
        remedy="Nothing was removed from the index. Give this folder an index of its own, or its right one",
    )


def _without_empty_folders(session: Session, folders: Folders, found: Survey, known: StoredFiles) -> Survey:
    """Count an empty folder of the library, of which the index knows files, as unseen: a mount point looks like that
    when its drive is not mounted; unless the index is in the folder, since then it would be missing too.

    Raises:
        MediaError: There is no other folder.
    """
    location = session.location
    unseen = set(found.unseen)
    for folder in ("", *folders.places.folders):
        path, key = folders.path_of(folder), folder.rstrip("/")
        has_index = isinstance(location, Path) and location.resolve().is_relative_to(path.resolve())
        if not has_index and path.is_dir() and is_empty(path) and any(is_within(name, {key}) for name in known):
            unseen.add(key)
    if unseen >= {"", *(folder.rstrip("/") for folder in folders.places.folders)}:
        raise MediaError(
            "is empty, but its index knows files: is the drive mounted?",
            path=folders.root,
            remedy=f"Nothing was removed from its index. If the files are gone for good, delete {location}",
        )
    return replace(found, unseen=frozenset(unseen))
