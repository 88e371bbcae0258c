"""The network, the training images' changes, and the exported classifier."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from training.artifact.export import check_export, export
from training.artifact.predictor import open_session, run
from training.manifest import DatasetError
from training.network.adam import AdamW
from training.network.augment import augment, hide_square, shift_and_mirror
from training.network.folds import make_folds
from training.network.model import MINIMUM_SIZE, Classifier, Network, mean_logits, normalise, views
from training.network.muon import orthogonalise
from training.network.optimizer import one_cycle
from training.network.recipe import PRESETS, Recipe, within_time, without_mirror
from training.network.unfamiliarity import Judge, Unfamiliarity, WatchfulClassifier


def classifier(classes: int, count: int, view_count: int = 6) -> Classifier:
    torch.manual_seed(0)
    networks = [Network(classes, width=4).eval() for _ in range(count)]
    return Classifier(
        networks, torch.tensor([120.0, 110, 100]), torch.tensor([60.0, 61, 62]), 0.7, view_count
    )


def watchful(model: Classifier) -> WatchfulClassifier:
    """With judges that were not taught anything."""
    networks = [network for network in model.networks if isinstance(network, Network)]
    things = [Judge(16 * network.width, 0) for network in networks]
    return WatchfulClassifier(model, Unfamiliarity(Judge(52, 8), things))


def pictures(count: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("classes", "size", "networks", "view_count"),
    [(2, (32, 32), 2, 2), (5, (MINIMUM_SIZE, 24), 1, 6), (100, (33, 47), 1, 1)],
)
def test_the_exported_model_answers_like_torch_for_any_batch(
    classes: int, size: tuple[int, int], networks: int, view_count: int
) -> None:
    """What takes time is how many networks times views are written down."""
    model = watchful(classifier(classes, networks, view_count))
    onnx = export(model, size)
    assert check_export(onnx, model, pictures(7, *size)) < 1e-5
    answers = run(open_session(onnx), "image", pictures(3, *size))
    assert answers.shape == (3, classes)
    assert answers.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_the_same_classifier_exports_to_the_same_bytes() -> None:
    model = watchful(classifier(2, count=1, view_count=2))
    assert export(model, (16, 16)) == export(model, (16, 16))


def test_views_show_the_picture_shifted_and_mirrored() -> None:
    ramp = torch.arange(32.0).expand(1, 3, 32, 32)
    seen = views(ramp, 6)
    assert [float(view[0, 0, 9, 9]) for view in seen] == [9, 7, 11, 22, 20, 24]
    assert torch.equal(seen[0], ramp)
    assert [float(view[0, 0, 9, 9]) for view in views(ramp, 2)] == [9, 22]
    assert [float(view[0, 0, 9, 9]) for view in views(ramp, 1)] == [9]


@pytest.mark.parametrize("preset", PRESETS)
def test_where_left_and_right_matter_nothing_is_mirrored(preset: str) -> None:
    recipe = without_mirror(PRESETS[preset])
    ramp = torch.arange(16.0).expand(32, 3, 16, 16)
    changed = shift_and_mirror(ramp, torch.Generator().manual_seed(0), bool(recipe.mirror))
    for image in [changed, *views(ramp, recipe.views)]:
        assert (image[..., 4:12] > image[..., 3:11]).all()
    assert recipe.problems() == []


@pytest.mark.parametrize("view_count", [1, 2, 3, 6])
def test_held_out_answers_are_those_that_the_classifier_gives(view_count: int) -> None:
    model = classifier(3, 1, view_count).eval()
    images = torch.from_numpy(pictures(5, 24, 16))
    shown = normalise(images, model.mean, model.deviation)
    logits = mean_logits(model.networks[0], shown, view_count, batch=2)  # type: ignore[arg-type]
    with torch.no_grad():
        assert torch.allclose(model(images), torch.softmax(logits / model.temperature, dim=1), atol=1e-6)


def test_augmentation_depends_on_the_generator_alone() -> None:
    images = torch.rand(8, 3, 16, 24)
    first, again, other = (augment(images, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert first.shape == images.shape
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_shifts_and_mirrors_keep_each_picture_whole() -> None:
    """A ramp stays a ramp, up or down, apart from the reflected border."""
    ramp = torch.arange(16.0).expand(32, 3, 16, 16)
    changed = shift_and_mirror(ramp, torch.Generator().manual_seed(0))
    steps = (changed[..., 4:12] - changed[..., 3:11])[:, 0, 0]
    assert {tuple(row.tolist()) for row in steps} == {(1.0,) * 8, (-1.0,) * 8}


def test_the_hidden_square_is_as_large_as_said() -> None:
    hidden = hide_square(torch.ones(64, 3, 32, 32), torch.Generator().manual_seed(0)) == 0
    areas = hidden[:, 0].sum((1, 2))
    assert areas.max() == 7 * 7
    assert areas.min() >= 4 * 4  # cut by a corner


def test_every_image_is_held_out_once_and_classes_are_dealt_out_evenly() -> None:
    labels = np.array([0] * 13 + [1] * 9)
    folds = make_folds(labels, 7, Recipe(epochs=1, folds=4))
    assert sorted(np.concatenate([fold.held_out for fold in folds]).tolist()) == list(range(22))
    for fold in folds:
        assert not set(fold.kept) & set(fold.held_out)
        assert len(fold.kept) + len(fold.held_out) == 22
        assert np.bincount(labels[fold.held_out], minlength=2).tolist() in ([3, 2], [3, 3], [4, 2])
    (one,) = make_folds(labels, 7, Recipe(epochs=1, folds=1))
    assert (one.kept.tolist(), one.held_out.tolist()) == (list(range(15)), list(range(15, 22)))


def test_images_of_a_group_are_held_out_together() -> None:
    """22 drivers who do everything, three times each, and ten pictures of nobody in particular."""
    labels = np.array([row % 3 for row in range(22 * 9 + 10)])
    groups = [f"p{row // 9}" for row in range(22 * 9)] + [None] * 10
    folds = make_folds(labels, 20, Recipe(folds=4), groups)
    assert sorted(np.concatenate([fold.held_out for fold in folds]).tolist()) == list(range(len(labels)))
    for fold in folds:
        kept, held_out = ({groups[row] for row in rows} - {None} for rows in (fold.kept, fold.held_out))
        assert not kept & held_out
        assert min(np.bincount(labels[fold.held_out])) >= 45 / 3
    again = make_folds(labels, 20, Recipe(folds=4), groups)
    assert all(np.array_equal(one.kept, other.kept) for one, other in zip(folds, again, strict=True))


@pytest.mark.parametrize(
    ("groups", "folds", "reason"),
    [
        (["a", "a", "b", "b", "c", "c"], 4, "there are 3 groups in train and validation together"),
        (["a", "b", "a", "c", "a", "d"], 2, "all images of the class number 0 .* are of one group"),
        (["a", "b", "c", "d", "c", "d"], 1, "the group c is in train and in validation"),
    ],
)
def test_groups_that_cannot_be_dealt_out_are_told(groups: list[str], folds: int, reason: str) -> None:
    with pytest.raises(DatasetError, match=reason):
        make_folds(np.array([0, 1] * 3), 2, Recipe(folds=folds), groups)


def test_tens_of_thousands_of_photographs_do_not_take_a_day() -> None:
    full = PRESETS["full"]
    assert within_time(full, 900, (32, 32)) == full
    assert within_time(full, 2_600, (48, 64)) == full
    assert within_time(full, 17_800, (96, 128)).max_steps == 3_242
    assert within_time(full, 17_800, (48, 64)).max_steps == 12_969
    assert within_time(replace(full, max_steps=9_000), 17_800, (96, 128)).max_steps == 9_000
    assert within_time(replace(full, folds=1, members=2), 17_800, (96, 128)).max_steps == 6_484
    photo = PRESETS["photo"]
    assert within_time(photo, 17_800, (120, 160)) == photo
    assert within_time(photo, 60_000, (120, 160)).max_steps == 4_475
    assert within_time(photo, 60_000, (32, 32)).max_steps == 5_245


def test_the_learning_rate_rises_then_falls() -> None:
    rates = [one_cycle(step / 100) for step in range(101)]
    assert rates.index(max(rates)) == 20
    assert rates == sorted(rates[:20]) + sorted(rates[20:], reverse=True)
    assert (rates[0], rates[-1]) == (pytest.approx(0.1), pytest.approx(1e-3))


def test_adamw_steps_as_published() -> None:
    """Against Loshchilov and Hutter's formulas in double precision."""
    chance = np.random.default_rng(0)
    weight, gradients = chance.normal(size=(3, 4)), chance.normal(size=(20, 3, 4))
    moved = torch.nn.Parameter(torch.from_numpy(weight.astype(np.float32)))
    optimizer = AdamW([moved], learning_rate=0.1, weight_decay=0.05)
    average, square = np.zeros((3, 4)), np.zeros((3, 4))
    for step, gradient in enumerate(gradients, start=1):
        optimizer.learning_rate = rate = 0.1 / step
        moved.grad = torch.from_numpy(gradient.astype(np.float32))
        optimizer.step()
        average, square = 0.9 * average + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        direction = average / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        weight = weight - rate * 0.05 * weight - rate * direction
    assert np.allclose(moved.detach().numpy(), weight, atol=1e-5)


@pytest.mark.parametrize("shape", [(16, 27), (24, 24), (40, 8)])
def test_muon_steps_are_about_equally_long_in_all_directions(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalise(matrix))
    assert 0.5 < values.min() < values.max() < 1.3
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    assert torch.trace(orthogonalise(matrix).T @ left @ right) > 0.8 * min(shape)
