"""Networks tuned from pretrained weights: the weights, the trunk's maps, the model that is served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from contracts.artifact.reader import Artifact, read_artifact
from tests.unit.training.staged import make_staged
from training import train
from training.artifact.export import check_export, export
from training.artifact.predictor import Predictor
from training.checkpoints import State
from training.network.efficientnet import BLOCKS, Backbone
from training.network.fit import fit
from training.network.maps import MapSource, affordable_copies, change
from training.network.model import Classifier
from training.network.recipe import PRESETS, Recipe
from training.network.trunk import Trunk, TunedNetwork, average, looked_at
from training.network.unfamiliarity import Judge, Unfamiliarity, WatchfulClassifier
from training.network.weights import (
    WeightsError,
    find_weights,
    load_backbone,
    published_name,
    weights_digest,
)

TINY = ["--preset", "photo", "--kept-blocks", "15", "--enlarged", "32", "--copies", "2", "--folds", "2"]
FAST = [*TINY, "--batch-size", "8", "--max-steps", "3", "--threads", "1"]


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return load_backbone(find_weights(None))


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_staged(tmp_path_factory.mktemp("staged"), sides=(24, 20))


@pytest.fixture(scope="module")
def trained(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """What FAST trains in one process, with the package's weights."""
    artifact = tmp_path_factory.mktemp("trained") / "model.tar.gz"
    assert train.main(["--data", str(staged), "--artifact", str(artifact), *FAST]) == 0
    return read_artifact(artifact)


def pictures(count: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def test_the_artifact_says_with_which_weights_it_began(trained: Artifact) -> None:
    training = trained.card.document["training"]
    assert training["pretrained_weights_sha256"] == weights_digest(find_weights(None))
    assert training["arguments"]["preset"] == "photo"


def test_pictures_of_several_sizes_are_taken_in_at_their_median(trained: Artifact) -> None:
    assert trained.size == (22, 22)


def test_the_model_answers_with_probabilities_and_unfamiliarity(trained: Artifact) -> None:
    predictor = Predictor(trained)
    images = pictures(5, 22, 22)
    assert predictor.probabilities(images).sum(axis=1) == pytest.approx(1, abs=1e-5)
    unfamiliarity = predictor.unfamiliarity(images)
    assert unfamiliarity is not None
    assert ((unfamiliarity >= 0) & (unfamiliarity <= 1)).all()
    assert trained.card.document["threshold"]["images"] == 32


def test_a_file_of_weights_and_another_number_of_processes_change_no_byte(
    staged: Path, trained: Artifact, tmp_path: Path
) -> None:
    artifact = tmp_path / "model.tar.gz"
    given = ["--weights", str(find_weights(None).parent), *FAST[:-1], "2"]
    assert train.main(["--data", str(staged), "--artifact", str(artifact), *given]) == 0
    assert read_artifact(artifact).sha256 == trained.sha256


def test_a_first_look_at_many_pictures_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("training.counting.SELDOM", -1.0)
    recipe = Recipe(kept_blocks=15, enlarged=32, copies=1, views=1)
    MapSource.of(pictures(40, 22, 22), 2, recipe, find_weights(None), tmp_path / "maps.npy", 1)
    assert "what the pretrained blocks see: 32 of 40, " in capsys.readouterr().err


def test_tuning_goes_on_from_any_step_to_the_same_weights(tmp_path: Path) -> None:
    """Of the small networks whole trainings are killed; the stages are the same."""
    recipe = Recipe(kept_blocks=15, enlarged=32, copies=2, views=1, batch_size=8, epochs=2)
    source = MapSource.of(pictures(20, 22, 22), 2, recipe, find_weights(None), tmp_path / "maps.npy", 1)
    learned, labels = source.learned(np.arange(20)), torch.arange(20) % 2
    states: list[State] = []

    def keep(make_state: Callable[[], State]) -> None:
        states.append({name: array.copy() for name, array in make_state().items()})

    def tuned(begun: State | None = None) -> dict[str, torch.Tensor]:
        return fit(learned, labels, source.new_network, recipe, 0, lambda _: None, keep, begun).state_dict()

    whole = tuned()
    assert len(states) == 4
    for state in states[1:4]:
        again = tuned(state)
        assert all(torch.equal(tensor, again[name]) for name, tensor in whole.items())


def test_each_published_tensor_has_its_place(backbone: Backbone) -> None:
    published = torch.load(find_weights(None), weights_only=True)
    assert sorted(published_name(name) for name in backbone.state_dict()) == sorted(
        name for name in published if not name.startswith("_fc.")
    )


@pytest.mark.parametrize("size", [(32, 32), (97, 33)])
def test_the_exported_model_answers_like_torch(backbone: Backbone, size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    recipe = Recipe(kept_blocks=14, enlarged=40)
    trunk = Trunk(backbone, recipe.kept_blocks, looked_at(size, recipe.enlarged)).eval()
    network = TunedNetwork(backbone, recipe.kept_blocks, 3).eval()
    torch.nn.init.normal_(network.head[1].weight)  # type: ignore[index]
    scale = torch.full((3,), 127.0), torch.full((3,), 128.0)
    classifier = Classifier([network], *scale, 1.5, 2, trunk)
    watchful = WatchfulClassifier(classifier, Unfamiliarity(Judge(52, 8), [Judge(1280, 0), Judge(1280, 0)]))
    assert check_export(export(watchful, size), watchful, pictures(3, *size)) < 1e-4


@pytest.mark.parametrize(
    ("size", "least", "seen"),
    [
        ((32, 32), 128, (128, 128)),
        ((60, 80), 128, (111, 148)),
        ((120, 160), 128, (120, 160)),
        ((8, 200), 40, (8, 200)),
    ],
)
def test_small_pictures_are_enlarged_with_their_ratio(
    size: tuple[int, int], least: int, seen: tuple[int, int]
) -> None:
    assert looked_at(size, least) == seen


def test_a_tuned_network_keeps_the_statistics_of_batch_normalisation(backbone: Backbone) -> None:
    network = TunedNetwork(backbone, 14, 2).train()
    before = {name: value.clone() for name, value in network.named_buffers()}
    network(torch.randn(4, 192, 3, 3))
    assert all(torch.equal(value, before[name]) for name, value in network.named_buffers())
    assert all(weight.requires_grad for weight in network.parameters())
    assert not any(weight.requires_grad for weight in backbone.parameters())


def test_the_average_of_networks_has_the_mean_of_their_weights(backbone: Backbone) -> None:
    networks = [TunedNetwork(backbone, 15, 2) for _ in range(2)]
    for number, network in enumerate(networks):
        torch.nn.init.constant_(network.head[1].weight, number)  # type: ignore[index]
    merged = average(networks, TunedNetwork(backbone, 15, 2))
    assert torch.equal(merged.head[1].weight, torch.full((2, 1280), 0.5))  # type: ignore[index]


def test_copies_depend_on_chance_alone_and_mirror_only_where_they_may() -> None:
    ramp = torch.linspace(-1, 1, 32).expand(16, 3, 32, 32)
    first, again = (change(ramp, (48, 48), torch.Generator().manual_seed(1)) for _ in range(2))
    assert first.shape == (16, 3, 48, 48)
    assert torch.equal(first, again)

    def mirrored(mirror: bool) -> set[bool]:
        changed = change(ramp, (48, 48), torch.Generator().manual_seed(1), mirror)
        ends = changed[:, :, :, 36:].mean((1, 2, 3)) < changed[:, :, :, :12].mean((1, 2, 3))
        return set(ends.tolist())

    assert mirrored(True) == {False, True}
    assert mirrored(False) == {False}


def test_many_pictures_have_fewer_copies() -> None:
    photo = PRESETS["photo"]
    assert affordable_copies(photo, 1000) == photo.views + photo.copies
    assert affordable_copies(photo, 800 * 1024**2) == photo.views + 1


def write_weights(file: Path, **changed: object) -> Path:
    torch.save(torch.load(find_weights(None), weights_only=True) | changed, file)
    return file


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"_bn0.bias": torch.zeros(31)}, r"_bn0\.bias is \[31\], not \[32\]"),
        ({"_bn0.bias": None}, r"_bn0\.bias is missing"),
    ],
)
def test_weights_of_another_network_are_refused(
    tmp_path: Path, content: dict[str, object], reason: str
) -> None:
    with pytest.raises(WeightsError, match=reason):
        load_backbone(write_weights(tmp_path / "other.pth", **content))


def test_a_file_that_holds_a_program_or_no_weights_is_refused(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(1, 1), tmp_path / "program.pth")
    torch.save([1], tmp_path / "list.pth")
    (tmp_path / "text.pth").write_text("no weights")
    for name, reason in {
        "program": "cannot be read",
        "list": "holds a list",
        "text": "cannot be read",
    }.items():
        with pytest.raises(WeightsError, match=reason):
            load_backbone(tmp_path / f"{name}.pth")


def test_weights_that_are_not_there_end_the_training_before_it_begins(
    staged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(*flags: str) -> str:
        artifact = tmp_path / "model.tar.gz"
        assert train.main(["--data", str(staged), "--artifact", str(artifact), *TINY, *flags]) == 1
        assert not artifact.exists()
        return capsys.readouterr().err

    assert "there is no such file or folder" in refusal("--weights", str(tmp_path / "none.pth"))
    (tmp_path / "two").mkdir()
    assert "one file *.pth is wanted there, found: none" in refusal("--weights", str(tmp_path / "two"))
    for name in ("a.pth", "b.pth"):
        (tmp_path / "two" / name).touch()
    assert "found: a.pth, b.pth" in refusal("--weights", str(tmp_path / "two"))
    monkeypatch.setattr("training.network.weights.PACKAGE", "not_installed_here")
    assert "`make setup SET=training`" in refusal()


def test_weights_without_a_network_that_wants_them_are_refused(
    staged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        train.main(["--data", str(staged), "--preset", "full", "--weights", "x.pth"])
    assert "nothing is pretrained here; give --preset photo too" in capsys.readouterr().err


def test_there_are_as_many_blocks_as_are_published(backbone: Backbone) -> None:
    assert len(backbone.blocks) == BLOCKS == 16
    assert Recipe(kept_blocks=BLOCKS).problems() == ["kept_blocks 16 is not in 0 to 15"]
