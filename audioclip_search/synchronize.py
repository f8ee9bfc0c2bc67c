"""One sync of a library: look at its folders, compare them with the index, and bring that up to date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from audioclip_search.errors import MediaError
from audioclip_search.folders import Folders, remembered_root
from audioclip_search.indexer import Survey, execute, is_within, plan, survey
from audioclip_search.session import Session
from audioclip_search.storage import IndexStore, StoredFiles
from audioclip_search.types import CancelToken, OnProgress, SyncReport


def synchronize(
    session: Session,
    folders: Folders,
    *,
    reembed: bool = False,
    paths: Iterable[str | Path] | None = None,
    on_progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> SyncReport:
    """See `Library.sync`, which keeps other syncs out meanwhile.

    Raises:
        CancelledError: `cancel` was called while the folders were looked at.
    """
    known = session.store().stored() if session.exists else None
    found = survey(
        folders.root,
        places=folders.places,
        within=None if paths is None else folders.keys_of(paths),
        skip=[session.location] if isinstance(session.location, Path) else (),
        on_progress=on_progress,
        cancel=cancel,
    )
    if known is not None and paths is None:
        _require_same_root(session, folders, found, known)
        found = _without_empty_mounts(session, folders, found, known)

    def update(store: IndexStore) -> SyncReport:
        stored = store.stored()
        return execute(
            plan(found, stored),
            stored,
            root=folders.root,
            store=store,
            open_encoder=lambda: session.encoder_for(store),
            on_progress=on_progress,
            cancel=cancel,
        )

    if reembed and known is not None:
        with session.staging() as staging:
            report = update(staging)
            if not report.cancelled:
                staging.take_place_of(
                    session.location, pending=[path for path in known if is_within(path, found.unseen)]
                )
                staging.destroy()
        return report
    store = session.store_to_sync()
    if paths is None:
        root = remembered_root(folders.root, session.location)
        store.change_places(lambda places: replace(places, root=root, mounts=found.mounts))
    return update(store)


def _require_same_root(session: Session, folders: Folders, found: Survey, known: StoredFiles) -> None:
    """Refuse a root in which none of the files are that its index knows, unless the index has always been this root's:
    somebody gave the wrong folder or the wrong index."""
    place = folders.places.root
    before = Path(session.location, place) if isinstance(session.location, Path) else Path(place)
    if not place or before.resolve() == folders.root.resolve():
        return
    if any(stamp.path in known for stamp in found.stamps) or not any(not Path(path).is_absolute() for path in known):
        return
    raise MediaError(
        f"has none of the files that its index knows; they were in {before}",
        path=folders.root,
        remedy="Nothing was removed from the index. Give this folder an index of its own, or its right one",
    )


def _without_empty_mounts(session: Session, folders: Folders, found: Survey, known: StoredFiles) -> Survey:
    """Count a folder without a file whose index knows some as unseen: an empty mount point looks like that, unless the
    index is in the folder, since then it would be missing too.

    Raises:
        MediaError: That is all there is.
    """
    location = session.location
    unseen = set(found.unseen)
    for key in ("", *folders.places.folders):
        folder = folders.path_of(key)
        has_index = isinstance(location, Path) and location.resolve().is_relative_to(folder.resolve())
        if not has_index and not any(is_within(stamp.path, {key}) for stamp in found.stamps):
            unseen.update({key} if any(is_within(path, {key}) for path in known) else ())
    if not found.stamps and unseen >= {"", *folders.places.folders}:
        raise MediaError(
            "holds no sounds, pictures or texts any more: is the drive mounted?",
            path=folders.root,
            remedy=f"Nothing was removed from its index. If the files are gone for good, delete {location}",
        )
    return replace(found, unseen=frozenset(unseen))
