"""Files that several people share stay theirs when somebody else writes keywords into them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

_OWNER, _SOMEBODY, _GROUP = 41_001, 41_002, 41_003
_WRITE = """
import os, sys
from audioclip_search.media.metadata_writing import write_keywords
write_keywords(sys.argv[2], ["loads"])  # what somebody else might not be allowed to load
os.setgroups([{group}])
os.setgid({user})
os.setuid({user})
write_keywords(sys.argv[1], ["shared"])
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can be somebody else")
def test_the_group_stays_although_the_owner_can_t() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's folders are for their owner alone
        folder = Path(name)
        file, other = folder / "shared.wav", folder / "other.wav"
        for path in (file, other):
            soundfile.write(path, np.zeros(1_000), 44_100)
        for path, mode in ((folder, 0o770), (file, 0o660)):
            os.chown(path, _OWNER, _GROUP)
            path.chmod(mode)
        code = _WRITE.format(group=_GROUP, user=_SOMEBODY)
        subprocess.run([sys.executable, "-c", code, str(file), str(other)], check=True)
        stat = file.stat()
        assert (stat.st_uid, stat.st_gid, stat.st_mode & 0o777) == (_SOMEBODY, _GROUP, 0o660)
