"""The part of `Library` that says what files are: the user's own tags, a model's, and what was done to them in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from audioclip_search import labelling
from audioclip_search.bulk import Action, OnTagProgress, Operation, TaggedFile, TagReport, UndoReport, WriteReport
from audioclip_search.errors import CancelledError, QueryError
from audioclip_search.indexer import is_within
from audioclip_search.labelling import AutoTags, Change, Found, Journal, Run, TagBook, WriteBack
from audioclip_search.labels import Label, read_labels
from audioclip_search.tagging import THRESHOLD, as_templates
from audioclip_search.types import CancelToken, TagState
from audioclip_search.upkeep import LibraryUpkeep

if TYPE_CHECKING:
    from audioclip_search.storage import IndexStore

_LABELS_NAMED = 5


class LibraryCurating(LibraryUpkeep):
    """What is said of a library's files, by its user and by a model."""

    @cached_property
    def _book(self) -> TagBook:
        return TagBook()

    def tag(
        self,
        labels: str | Path | Sequence[str],
        *,
        template: str | Sequence[str] | None = None,
        threshold: float | None = None,
        paths: Iterable[str | Path] | None = None,
        dry_run: bool = False,
        on_progress: OnTagProgress | None = None,
        cancel: CancelToken | None = None,
    ) -> TagReport:
        """Suggest tags for sounds and pictures: none, one or several for each. No file is opened again.

        A library that was never indexed is synced first. Suggestions are kept apart from the user's own tags, with
        their probability. They take the place of earlier ones for the same labels and of all that another model made;
        what a person confirmed or rejected stays so. `undo` takes them back.

        Args:
            labels: A built-in set (`esc50`, `us8k`, `audioset`), a text file with one label a line, or labels. A line
                `label = prompt | prompt` says what to ask the model instead of the label.
            template: What to ask, with `{label}` in it, or several such texts.
            threshold: The least probability of a tag, between 0 and 1; 0.5 if None.
            paths: Only these files, or what is in these folders.
            dry_run: Keep nothing, just report.
            on_progress: Told where the work is, from this thread.
            cancel: Stops it; then nothing is kept, and the report says so.

        Raises:
            QueryError: An argument makes no sense, or a path is in none of the library's folders.
            MediaError: The file of labels can't be read.
            ModelError: The model is not there or can't be loaded.
            ModelMismatchError: The index is another model's.
        """
        wanted, templates = read_labels(labels), as_templates(template)
        least = THRESHOLD if threshold is None else threshold
        if not 0 < least <= 1:
            raise QueryError(f"{least} is no probability to ask for", remedy="Give one between 0 and 1")
        keys = None if paths is None else self._folders().keys_of(paths)
        if not self.indexed:
            self.sync()
        encoder, store = self._session.both()
        run = Run(wanted, templates=templates, threshold=least, on_progress=on_progress, cancel=cancel)
        try:
            found = run.find(encoder, store, None if keys is None else _known_within(store, keys))
        except CancelledError:
            return TagReport(threshold=least, model=encoder.identity.name, dry_run=dry_run, cancelled=True)
        report = self._report(found, wanted, store, threshold=least, dry_run=dry_run)
        if not dry_run:
            before, after = labelling.keep(found, store, wanted)
            named = ", ".join(label.name for label in wanted[:_LABELS_NAMED])
            more = f" and {len(wanted) - _LABELS_NAMED} more" if len(wanted) > _LABELS_NAMED else ""
            Journal(store).note(Action.TAG, f"{named}{more}", [Change(labelling.SUGGESTIONS, before, after)])
        return report

    def auto_tags(self, paths: Iterable[str | Path] | None = None) -> list[TaggedFile]:
        """The files that have tags given by a model, by path; tags that were rejected are left out.

        Args:
            paths: Only these files, or what is in these folders.

        Raises:
            QueryError: A path is in none of the library's folders.
            StorageError: There is no index yet.
        """
        store = self._session.store()
        tags = self._auto_tags(store)
        content_of = _contents_of(store, None if paths is None else self._folders().keys_of(paths))
        return self._tagged_files(content_of, tags)

    def confirm_tags(self, paths: Iterable[str | Path], labels: Collection[str] | None = None) -> int:
        """Say that tags given by a model are right. They stay, whatever a later run says.

        Args:
            paths: Files, or folders with all that is in them. Copies of a file go with it.
            labels: Which of their tags, also rejected ones; None for all that are undecided.

        Returns:
            How many tags are confirmed now and were not before.

        Raises:
            QueryError: A path is in none of the library's folders.
            StorageError: There is no index yet.
        """
        return self._decide(paths, labels, TagState.CONFIRMED)

    def reject_tags(self, paths: Iterable[str | Path], labels: Collection[str] | None = None) -> int:
        """Say that tags given by a model are wrong. They go, and no later run brings them back. See `confirm_tags`."""
        return self._decide(paths, labels, TagState.REJECTED)

    def rename_tag(self, old: str, new: str, paths: Iterable[str | Path] | None = None) -> int:
        """Give another name to a tag given by a model; it stays suggested or confirmed, as it was. The old one does
        not come back.

        Args:
            old: The tag there is, in any case.
            new: What it is to be.
            paths: Only of these files, or of what is in these folders.

        Returns:
            How many files' contents had it.

        Raises:
            QueryError: The new name is empty, or a path is in none of the library's folders.
            StorageError: There is no index yet.
        """
        store = self._session.store()
        keys = None if paths is None else self._folders().keys_of(paths)
        contents = None if keys is None else set(_contents_of(store, keys).values())
        return labelling.rename(store, contents, old, new)

    def annotate(
        self,
        paths: Iterable[str | Path],
        *,
        add: Collection[str] = (),
        remove: Collection[str] = (),
        rating: int | None = None,
    ) -> int:
        """Give files tags of one's own, take some away, or rate them; in one commit. `undo` takes it back.

        Args:
            paths: Files, absolute or below the root; ones that the index does not know don't matter.
            add: Tags to add. Tags that differ in case alone are one.
            remove: Tags to take away.
            rating: 1 to 5, or 0 for none; None leaves it.

        Returns:
            How many of the files are known.

        Raises:
            QueryError: A file is in none of the folders, a tag is empty, or the rating is not 0 to 5.
            StorageError: There is no index yet.
        """
        keys = self._folders().keys_of(paths)
        add, remove = _several(add), _several(remove)
        if not all(tag.strip() for tag in add):
            raise QueryError("a tag is empty")
        if rating is not None and rating not in range(6):
            raise QueryError(f"can't rate a file {rating}", remedy="Give 1 to 5, or 0 for none")
        tags = list({tag.strip().casefold(): tag.strip() for tag in add}.values())
        gone = [tag.strip() for tag in remove]
        return labelling.annotate(self._session.store(), keys, add=tags, remove=gone, rating=rating)

    def write_tags(
        self,
        paths: Iterable[str | Path] | None = None,
        *,
        suggested: bool = False,
        dry_run: bool = False,
        on_progress: OnTagProgress | None = None,
        cancel: CancelToken | None = None,
    ) -> WriteReport:
        """Write tags given by a model and confirmed by a person into the files' own metadata, as keywords, where other
        programs find them. Nothing else in a file changes, and `undo` gives the original back to the last byte.

        Args:
            paths: Only these files, or what is in these folders.
            suggested: Also tags on which nobody has decided.
            dry_run: Touch no file, just report.
            on_progress: Told where the work is, from this thread.
            cancel: Stops it between two files.

        Raises:
            QueryError: A path is in none of the library's folders.
            StorageError: There is no index yet.
        """
        folders, store = self._folders(), self._session.store()
        states = {TagState.CONFIRMED, TagState.SUGGESTED} if suggested else {TagState.CONFIRMED}
        tags = self._auto_tags(store)
        wanted: dict[str, list[str]] = {}
        for key, content in _contents_of(store, None if paths is None else folders.keys_of(paths)).items():
            labels = [tag.label for tag in tags.get(content, ()) if tag.state in states]
            if labels:
                wanted[key] = labels
        write_back = self._write_back(store, on_progress=on_progress, cancel=cancel)
        if dry_run:
            return write_back.plan(wanted)
        with self._alone(cancel=cancel):
            return write_back.write(wanted)

    def undo(self, *, on_progress: OnTagProgress | None = None) -> UndoReport:
        """Undo what was last done to many files at once: tagging, confirming, rejecting, renaming, annotating, writing
        tags into files. What has been changed again since is left as it is, and counted.

        Args:
            on_progress: Told where the work is when files have to be restored, from this thread.

        Raises:
            QueryError: There is nothing to undo.
            StorageError: There is no index yet.
        """
        store = self._session.store()
        write_back = self._write_back(store, on_progress=on_progress)
        touches_files = [operation.action for operation in Journal(store).operations()[:1]] == [Action.WRITE]
        with self._alone() if touches_files else nullcontext():
            return labelling.undo(store, others=write_back.restore)

    def history(self) -> list[Operation]:
        """What can be undone, the newest first; the oldest of many are forgotten.

        Raises:
            StorageError: There is no index yet.
        """
        return Journal(self._session.store()).operations()

    def _carry_over(self, store: IndexStore, pairs: Sequence[tuple[str, str]]) -> None:
        """Files became other contents, of the same sound: of each pair of hashes, note of the second what is known of
        the first. Of tags that is done; who keeps other facts of contents adds to this."""

    def _write_back(
        self, store: IndexStore, *, on_progress: OnTagProgress | None = None, cancel: CancelToken | None = None
    ) -> WriteBack:
        return WriteBack(
            store,
            self._folders().path_of,
            carry_over=lambda pairs: self._carry_over(store, pairs),
            on_progress=on_progress,
            cancel=cancel,
        )

    def _decide(self, paths: Iterable[str | Path], labels: Collection[str] | None, state: TagState) -> int:
        store = self._session.store()
        contents = set(_contents_of(store, self._folders().keys_of(paths)).values())
        return labelling.decide(store, contents, None if labels is None else _several(labels), state)

    def _auto_tags(self, store: IndexStore) -> AutoTags:
        """What a model says of the index's files, by content; read again only after a change."""
        return self._book.tags_of(store)

    def _report(
        self, found: Found, labels: Sequence[Label], store: IndexStore, *, threshold: float, dry_run: bool
    ) -> TagReport:
        content_of = _contents_of(store, None, among=found.contents)
        new = labelling.undecided_tags(found, store)
        tagged = self._tagged_files(content_of, new)
        counts = dict.fromkeys((label.name for label in labels), 0)
        for file in tagged:
            for tag in file.tags:
                counts[tag.label] += 1
        with_any = set(found.rows["content_hash"].to_pylist())
        return TagReport(
            files=len(content_of),
            tagged=tuple(tagged),
            counts=tuple(counts.items()),
            unlabelled=sum(content not in with_any for content in content_of.values()),
            alike=found.alike,
            threshold=threshold,
            model=store.identity.name,
            dry_run=dry_run,
        )

    def _tagged_files(self, content_of: dict[str, str], tags: AutoTags) -> list[TaggedFile]:
        folders = self._folders()
        return [
            TaggedFile(folders.path_of(key), tags[content])
            for key, content in sorted(content_of.items())
            if content in tags
        ]


def _several(texts: Collection[str]) -> Collection[str]:
    """One text alone is one, not its letters."""
    return (texts,) if isinstance(texts, str) else texts


def _known_within(store: IndexStore, keys: Collection[str]) -> set[str]:
    """The files of the index that are these or in these folders."""
    within = frozenset(keys)
    return {path for path in store.stored() if is_within(path, within)}


def _contents_of(
    store: IndexStore, keys: Collection[str] | None, *, among: Collection[str] | None = None
) -> dict[str, str]:
    """Content hash of each file that has vectors, by what the index calls the file.

    Args:
        store: The index.
        keys: Only these files, or what is in these folders; None for all.
        among: Only of these contents; None for any.
    """
    within = None if keys is None else frozenset(keys)
    return {
        path: content
        for (_, content), paths in store.stored().by_content().items()
        if among is None or content in among
        for path in paths
        if within is None or is_within(path, within)
    }
