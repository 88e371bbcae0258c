"""Every number that shapes training, with its meaning; the presets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """How the classifier is trained.

    folds: parts into which train and validation images are dealt; networks train on all but one of them,
    and calibration uses what they answer about that one. With 1, networks train on the train part and
    the validation part calibrates. members: networks that leave out the same fold. All folds * members
    networks are averaged in the end.
    """

    epochs: int
    folds: int
    members: int = 1
    width: int = 16  # channels of the first layer
    batch_size: int = 32
    learning_rate: float = 2e-3  # of AdamW, the highest of the one-cycle schedule
    muon_learning_rate: float = 8e-3  # of Muon, which trains the convolutions, likewise
    weight_decay: float = 0.05
    dropout: float = 0.1  # before the last layer
    label_smoothing: float = 0.0  # above 0 it costs coverage: it blurs which answers are sure
    mixup: float = 0.2  # both parameters of the beta distribution that images are mixed by
    unmixed_end: float = 0.15  # share of the steps at the end without mixup
    small_start: float = 0.6  # share of the steps at the start with images of three quarters the side
    weight_averaging: float = 0.99  # decay of the average of the weights that is kept, per step
    seed: int = 0
    max_steps: int = 0  # of each network; 0 = as many as the epochs have


PRESETS = {
    "full": Recipe(epochs=66, folds=4),
    "quick": Recipe(epochs=10, folds=4),
}
