"""One sync of a library: look at its folders, compare them with the index, and bring that up to date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from audioclip_search.errors import MediaError
from audioclip_search.folders import Folders, remembered_root
from audioclip_search.indexer import Survey, execute, is_within, plan, survey
from audioclip_search.indexer.ray_engine import execute_on_ray
from audioclip_search.session import Session
from audioclip_search.storage import IndexStore, StoredFiles
from audioclip_search.types import CancelToken, OnProgress, RayEngine, SyncReport

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
    found = survey(
        folders.root,
        places=folders.places,
        within=None if paths is None else folders.keys_of(paths),
        skip=[session.location] if isinstance(session.location, Path) else (),
        on_progress=on_progress,
        cancel=cancel,
    )
    if known is not None:
        _require_same_root(session, folders, known)
        found = _without_empty_folders(session, folders, found, known)

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
    if paths is None:
        root = remembered_root(folders.root, session.location)
        store.set_places(lambda places: replace(places, root=root, mounts=found.mounts))
    return update(store)


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
    for key in ("", *folders.places.folders):
        folder = folders.path_of(key)
        has_index = isinstance(location, Path) and location.resolve().is_relative_to(folder.resolve())
        if not has_index and _is_empty(folder) and any(is_within(path, {key}) for path in known):
            unseen.add(key)
    if unseen >= {"", *folders.places.folders}:
        raise MediaError(
            "is empty, but its index knows files: is the drive mounted?",
            path=folders.root,
            remedy=f"Nothing was removed from its index. If the files are gone for good, delete {location}",
        )
    return replace(found, unseen=frozenset(unseen))


def _is_empty(folder: Path) -> bool:
    """Whether there is nothing in a folder, or nothing that is not hidden."""
    try:
        return all(entry.name.startswith(".") for entry in folder.iterdir())
    except OSError:
        return False  # the survey has said so
