"""What paths look like, and what lies around those that are still being written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection
from pathlib import Path

import psutil

from audioclip_search.watch.pending import LIMIT, Look, Oddity, Settled, ancestors

_NETWORK = frozenset(
    ("9p", "acfs", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "gfs", "gfs2", "glusterfs",
     "gpfs", "lustre", "moosefs", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "osxfs", "prl_fs", "pvfs2", "smb",
     "smb2", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs", "webdav")
)  # fmt: skip
# Of the file systems in user space some are local (NTFS, exFAT) and do tell what changes.
_NETWORK_FUSE = ("sshfs", "s3fs", "rclone", "gvfsd", "davfs", "goofys", "gcsfuse", "blobfuse", "curlftpfs", "vmhgfs",
                 "glusterfs", "cephfs", "mfs", "smbnetfs", "portal", "kio", "juicefs", "geesefs")  # fmt: skip


def look(path: str) -> Look:
    """Size and time of a file; what can't be looked at counts as gone."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return Oddity.GONE
    return Oddity.FOLDER if stat.S_ISDIR(status.st_mode) else (status.st_size, status.st_mtime_ns)


def identity(folder: Path) -> tuple[int, int] | None:
    """Tells one folder from another that has taken its place; None if there is none."""
    try:
        status = folder.stat()
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def on_network(folder: Path) -> bool:
    """Whether a folder is on a network drive or shared by a host, so that changes made elsewhere cause no events."""
    real = os.path.realpath(folder)
    if real.startswith("\\\\"):
        return True
    best, network = -1, False
    for mount in psutil.disk_partitions(all=True):
        point = mount.mountpoint.rstrip(os.sep)
        # The last one mounted on a point hides those before.
        if len(point) >= best and (real == point or real.startswith(point + os.sep)):
            best, network = len(point), _is_network(mount.fstype.lower(), mount.opts)
    return network


def _is_network(kind: str, options: str) -> bool:
    if kind.startswith("fuse"):
        return any(name in kind for name in _NETWORK_FUSE)
    return kind in _NETWORK or "remote" in options.split(",")  # the latter on Windows


def condense(settled: Settled, wanted: Callable[[str], bool], *, limit: int = LIMIT) -> set[str]:
    """The fewest paths that stand for what is quiet, and for nothing that is not.

    A folder stands for all that is in it. If some of that is restless, the rest is listed instead; if the rest is more
    than `limit` paths, the folder is named after all.
    """
    above_restless = {above for path in settled.restless for above in ancestors(path)}
    condensed: set[str] = set()
    for path in settled.quiet:
        if path in above_restless:
            around = _around(path, settled.restless, above_restless, wanted, limit)
            condensed |= {path} if around is None else around
        elif not any(above in settled.quiet and above not in above_restless for above in ancestors(path)):
            condensed.add(path)
    return condensed


def _around(
    folder: str, restless: Collection[str], above_restless: Collection[str], wanted: Callable[[str], bool], limit: int
) -> set[str] | None:
    around: set[str] = set()
    try:
        with os.scandir(folder) as listing:
            paths = [entry.path for entry in listing]
    except OSError:
        return None
    for path in paths:
        if path in above_restless:
            below = _around(path, restless, above_restless, wanted, limit)
            around |= {path} if below is None else below
        elif path not in restless and wanted(path):
            around.add(path)
        if len(around) > limit:
            return None
    return around
