"""Models by name: listed, found, downloaded from a real server, imported, verified."""

from __future__ import annotations

import functools
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from networks import TINY

from audioclip_search.errors import DownloadError, ModelError, WeightsError
from audioclip_search.model import AudioCLIP, registry
from audioclip_search.model.download import exclusive
from audioclip_search.model.registry import Release, import_model, install_release, known_models, resolve
from audioclip_search.model.weights import is_saved_model, load_model, read_card, save_model


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        pass


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUDIOCLIP_SEARCH_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A checkpoint as it might be released, alone in the folder that `url` serves."""
    file = tmp_path / "released" / "Tiny-Training.pt"
    file.parent.mkdir()
    torch.save(AudioCLIP(TINY).state_dict(), file)
    return file


@pytest.fixture
def url(released: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.delenv("AUDIOCLIP_SEARCH_OFFLINE", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    handler = functools.partial(Quiet, directory=str(released.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def release(file: Path) -> Release:
    content = file.read_bytes()
    return Release(file.name, len(content), hashlib.sha256(content).hexdigest(), network=TINY)


def same(model: AudioCLIP, file: Path) -> bool:
    state = torch.load(file, weights_only=True)
    return all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())


# Listing


def test_the_released_models_and_the_starter_are_known_before_anything_is_installed(models: Path) -> None:
    full, partial, starter = known_models()
    assert [full.name, partial.name, starter.name] == ["audioclip", "audioclip-partial", "starter"]
    assert not full.installed
    assert full.location == models / "audioclip"
    assert full.size_bytes == 537_302_068
    assert full.url.endswith("/AndreyGuzhov/AudioCLIP/releases/download/v0.1/AudioCLIP-Full-Training.pt")
    assert partial.url.endswith("/AudioCLIP-Partial-Training.pt")
    assert starter.url == ""
    assert not models.exists()


def test_installed_models_are_listed_with_what_their_cards_say(models: Path) -> None:
    save_model(models / "audioclip-partial", AudioCLIP(TINY), name="audioclip-partial", description="Partial")
    save_model(models / "mine", AudioCLIP(TINY), name="mine", description="Mine")
    (models / "not a model").mkdir()
    listed = {status.name: status for status in known_models()}
    assert list(listed) == ["audioclip", "audioclip-partial", "starter", "mine"]
    assert [listed[name].installed for name in ("audioclip", "audioclip-partial", "mine")] == [False, True, True]
    assert (listed["mine"].description, listed["mine"].problem) == ("Mine", "")
    assert listed["mine"].size_bytes == (models / "mine" / "model.safetensors").stat().st_size


def test_one_broken_card_does_not_hide_the_others(models: Path) -> None:
    save_model(models / "broken", AudioCLIP(TINY), name="broken")
    (models / "broken" / "config.json").write_text("{}")
    listed = {status.name: status for status in known_models()}
    assert "card" in listed["broken"].problem
    assert len(listed) == 4


def test_the_best_installed_model_is_the_full_one_if_there(models: Path) -> None:
    save_model(models / "zebra", AudioCLIP(TINY), name="zebra")
    save_model(models / "audioclip-partial", AudioCLIP(TINY), name="audioclip-partial")
    assert registry.best_installed() == "audioclip-partial"
    save_model(models / "audioclip", AudioCLIP(TINY), name="audioclip")
    assert registry.best_installed() == "audioclip"


# Finding


def test_a_name_goes_before_a_path(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (models / "mine", tmp_path / "here" / "mine"):
        save_model(folder, AudioCLIP(TINY), name="mine")
    monkeypatch.chdir(tmp_path / "here")
    assert resolve("mine") == models / "mine"
    assert resolve("./mine").resolve() == tmp_path / "here" / "mine"


def test_a_path_may_be_a_folder_or_a_file(models: Path, released: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "best"
    save_model(folder, AudioCLIP(TINY), name="best")
    assert resolve(folder) == folder
    assert resolve(str(folder / "model.safetensors")) == folder
    assert resolve(released) == released


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("audioclip", r"not on this machine.*`audioclip-search models download audioclip`"),
        ("audioclip-partial", r"`audioclip-search models download audioclip-partial`"),
        ("audioklip", r"no model 'audioklip'.*audioclip, audioclip-partial, starter"),
        ("no/such/folder", r"no model 'no/such/folder'"),
        ("..", r"no model in this folder"),
    ],
)
def test_what_is_not_there_is_an_error_that_says_how_to_get_it(models: Path, name: str, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        resolve(name)


# Downloading


def test_a_release_is_downloaded_checked_and_converted(models: Path, released: Path, url: str) -> None:
    folder = install_release(release(released), models / "tiny", description="Tiny", base_url=url)
    assert same(load_model(folder), released)
    card = read_card(folder)
    assert (card.name, card.description, card.network) == ("tiny", "Tiny", TINY)
    assert not list(models.rglob("*.pt"))
    assert registry.verify("tiny") == card


def test_an_installed_release_is_fetched_again_only_if_damaged(models: Path, released: Path, url: str) -> None:
    tiny = release(released)
    folder = install_release(tiny, models / "tiny", description="Tiny", base_url=url)
    served = released.rename(released.with_name("hidden"))
    assert install_release(tiny, models / "tiny", description="Tiny", base_url=url) == folder
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(DownloadError, match="404"):
        install_release(tiny, models / "tiny", description="Tiny", base_url=url)
    served.rename(released)
    install_release(tiny, models / "tiny", description="Tiny", base_url=url)
    assert same(load_model(folder), released)


def test_a_named_model_with_other_bytes_than_the_released_is_not_installed(
    models: Path, released: Path, url: str
) -> None:
    released.rename(released.with_name("AudioCLIP-Full-Training.pt"))
    with pytest.raises(DownloadError, match="the file has 537302068"):
        registry.download_model("audioclip", base_url=url)
    assert not is_saved_model(models / "audioclip")


def test_the_environment_may_name_a_mirror(
    models: Path, released: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIOCLIP_SEARCH_MIRROR", f"{url}/")
    assert known_models()[0].url == f"{url}/AudioCLIP-Full-Training.pt"
    folder = install_release(release(released), models / "tiny", description="Tiny")
    assert same(load_model(folder), released)


def test_two_installations_of_one_model_exclude_each_other(models: Path, released: Path, url: str) -> None:
    with exclusive(models / "tiny"), pytest.raises(DownloadError, match="another process"):
        install_release(release(released), models / "tiny", description="Tiny", base_url=url)


@pytest.mark.parametrize(
    ("name", "reason"), [("starter", "comes with this package"), ("nope", "not there to download")]
)
def test_only_released_models_can_be_downloaded(models: Path, name: str, reason: str) -> None:
    with pytest.raises(ModelError, match=f"{reason}.*audioclip, audioclip-partial"):
        registry.download_model(name)


# Importing


def test_an_imported_file_is_a_model_like_any_other(models: Path, released: Path) -> None:
    folder = import_model(released, network=TINY)
    assert folder == models / "Tiny-Training" == resolve("Tiny-Training")
    assert same(load_model(folder), released)
    assert released.exists()
    assert [status.name for status in known_models() if status.installed and status.name != "starter"] == [folder.name]


def test_an_import_may_be_renamed_and_replaced(models: Path, released: Path) -> None:
    save_model(models / "mine", AudioCLIP(TINY), name="mine")
    folder = import_model(released, "mine", network=TINY, description="My own")
    assert same(load_model(folder), released)
    assert read_card(folder).description == "My own"


def test_a_released_name_is_for_the_released_bytes_only(models: Path, released: Path) -> None:
    fake = released.rename(released.with_name("AudioCLIP-Full-Training.pt"))
    for name in (None, "audioclip"):
        with pytest.raises(ModelError, match=r"not the released AudioCLIP-Full-Training\.pt"):
            import_model(fake, name, network=TINY)
    assert is_saved_model(import_model(fake, "fake", network=TINY))


@pytest.mark.parametrize("name", ["starter", "", ".", "..", ".hidden", "a/b", "a\\b"])
def test_a_name_that_is_no_folder_is_refused(models: Path, released: Path, name: str) -> None:
    with pytest.raises(ModelError, match="can't be called"):
        import_model(released, name, network=TINY)


def test_half_a_network_is_not_imported(models: Path, tmp_path: Path) -> None:
    state = AudioCLIP(TINY).state_dict()
    torch.save({name: t for name, t in state.items() if not name.startswith("audio.")}, tmp_path / "CLIP.pt")
    with pytest.raises(WeightsError, match="only the clip part"):
        import_model(tmp_path / "CLIP.pt", network=TINY)
    assert not models.exists()


def test_a_folder_is_not_imported(models: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no such file.*used by its path"):
        import_model(tmp_path)


def test_verifying_finds_a_flipped_bit(models: Path, released: Path) -> None:
    folder = import_model(released, "mine", network=TINY)
    assert registry.verify("mine") == read_card(folder)
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    with pytest.raises(WeightsError, match="damaged"):
        registry.verify(folder)
