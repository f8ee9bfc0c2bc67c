"""From pairs to groups, and which file of a group is the best. Pure.

Groups are stars: every file of a group was itself found to be a duplicate of the best one. Being a duplicate is not
passed on: where A is one of B and B of C, but C not of A, no group holds all three; the best of them has those that fit
it, and what is left is grouped anew. Two files that a person told apart are never in one group, whatever else they
fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from audioclip_search.media import ContentFacts
from audioclip_search.types import Modality

_WHOLE = 0.9  # as long as the longest, or nearly so
_FULL, _NEARLY_FULL = 0.6, 0.9  # of the widest bandwidth
_AS_LOUD_DB = 6.0


@dataclass(frozen=True, slots=True)
class Version:
    """One of the different sounds, pictures or texts of a library, with all files that hold exactly it.

    Attributes:
        modality: What it is.
        facts: What is known of it.
        contents: The content hashes of its files.
        paths: Its files as the index calls them, those that can be reached first, then by path.
        size: Of the first file, bytes.
    """

    modality: Modality
    facts: ContentFacts
    contents: tuple[str, ...]
    paths: tuple[str, ...]
    size: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """How another version stands to one: see `DuplicateFile`."""

    similarity: float
    offset_s: float = 0.0
    gain_db: float = 0.0
    inverted: bool = False

    def reversed(self) -> Link:
        """How the one stands to the other."""
        return Link(self.similarity, -self.offset_s, -self.gain_db, self.inverted)


Links = Mapping[int, Mapping[int, Link]]
"""By a version's number, those of the others that are its duplicates."""


def connected(links: Links) -> list[list[int]]:
    """The numbers that hang together, directly or not; only those with any link."""
    seen: set[int] = set()
    found = []
    for start in links:
        if start in seen or not links[start]:
            continue
        seen.add(start)
        component, waiting = [], [start]
        while waiting:
            number = waiting.pop()
            component.append(number)
            fresh = [other for other in links[number] if other not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        found.append(sorted(component))
    return found


def stars(
    links: Links,
    *,
    ranked: Callable[[Sequence[int]], list[int]],
    apart: Callable[[int, int], bool],
) -> list[list[int]]:
    """Groups, each of numbers with links to its first one; a number is in one group at most.

    Args:
        links: Both ways.
        ranked: Puts numbers in order, the best first.
        apart: Whether two were told apart.
    """
    groups = []
    for component in connected(links):
        left = ranked(component)
        while len(left) > 1:
            group = [left[0]]
            for number in left[1:]:
                if number in links[left[0]] and not any(apart(number, other) for other in group):
                    group.append(number)
            if len(group) > 1:
                groups.append(group)
            taken = set(group)
            left = ranked([number for number in left if number not in taken])
    return groups


def ranked(versions: Iterable[Version]) -> list[Version]:
    """Versions of one thing, the best first: what holds most of it, at full bandwidth, without loss, of more bits, not
    needlessly soft, in stereo that is none by name only, longer, less clipped; then the earlier path."""
    listed = list(versions)
    longest = max((version.facts.sounding_s for version in listed), default=0.0)
    widest = max((version.facts.bandwidth_hz for version in listed), default=0.0)
    largest = max((version.facts.width * version.facts.height for version in listed), default=0)
    loudest = max((version.facts.peak_db for version in listed if not version.facts.clipped), default=0.0)

    def grades(version: Version) -> tuple[bool | float | str, ...]:
        facts = version.facts
        return (
            facts.sounding_s < _WHOLE * longest,
            facts.bandwidth_hz < _FULL * widest,
            facts.width * facts.height < _NEARLY_FULL * largest,
            not facts.lossless,
            facts.bandwidth_hz < _NEARLY_FULL * widest,
            -facts.bits,
            facts.peak_db < loudest - _AS_LOUD_DB,
            not facts.wide,
            -facts.rate_hz if facts.bandwidth_hz > 0.25 * facts.rate_hz else 0,
            -round(facts.duration_s, 2),
            facts.clipped,
            -version.size if not facts.lossless else 0,  # a bit rate, all else being equal
            version.paths[0],
        )

    return sorted(listed, key=grades)


def reasons(best: Version, others: Sequence[Version]) -> str:
    """Why a version is the best, in words."""
    facts, rest = best.facts, [other.facts for other in others]
    said = [
        ("longest", all(facts.sounding_s * _WHOLE > other.sounding_s for other in rest)),
        ("largest", all(facts.width * facts.height > other.width * other.height for other in rest)),
        ("lossless", facts.lossless and not all(other.lossless for other in rest)),
        ("full bandwidth", any(other.bandwidth_hz < _NEARLY_FULL * facts.bandwidth_hz for other in rest)),
        (f"{facts.bits} bits", any(other.lossless and other.bits < facts.bits for other in rest)),
        ("louder", all(other.peak_db < facts.peak_db - _AS_LOUD_DB for other in rest)),
        ("stereo", facts.wide and not all(other.wide for other in rest)),
        ("less clipped", all(other.clipped > facts.clipped for other in rest)),
    ]
    found = [words for words, true in said if true]
    return "best: " + (", ".join(found) if found else "as good as any, and first by name")


def relation(version: Version, best: Version, link: Link) -> str:
    """How a version stands to the best one, in words."""
    facts, whole = version.facts, best.facts
    said = []
    if facts.encoding != whole.encoding and not facts.lossless:
        said.append(f"{facts.encoding} of it")
    if facts.rate_hz != whole.rate_hz:
        said.append(f"{facts.rate_hz:,} Hz")
    if facts.channels != whole.channels:
        said.append({1: "mono", 2: "stereo"}.get(facts.channels, f"{facts.channels} channels"))
    if (facts.width, facts.height) != (whole.width, whole.height):
        said.append(f"{facts.width} x {facts.height}")
    if abs(link.gain_db) >= 0.3:
        said.append(f"{abs(link.gain_db):.1f} dB {'louder' if link.gain_db > 0 else 'quieter'}")
    if link.inverted:
        said.append("upside down")
    if link.offset_s >= 0.005:
        said.append(f"begins {link.offset_s:.2f} s into it")
    elif link.offset_s <= -0.005:
        said.append(f"begins {-link.offset_s:.2f} s before it")
    shorter_s = whole.duration_s - facts.duration_s
    if abs(shorter_s) >= 0.05:
        said.append(f"{abs(shorter_s):.2f} s {'shorter' if shorter_s > 0 else 'longer'}")
    return ", ".join(said) or f"the same to {_percent(link.similarity)}"


def _percent(similarity: float) -> str:
    return f"{100 * similarity:.1f} %"
