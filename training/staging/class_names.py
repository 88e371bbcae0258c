"""Class names: which there are, and what to say of one that there is not."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from training.staging.example import StagingError

_PUBLISHED = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup
dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower
leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid
otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray
road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle
wardrobe whale willow_tree wolf woman worm
"""
CIFAR100 = tuple(_PUBLISHED.split())
"""The fine classes as published. What an archive's labels mean is read from the archive itself."""


def require_known(wanted: tuple[str, ...], known: tuple[str, ...], dataset: str) -> None:
    """Raise StagingError for names that are not known, with the nearest known one for each."""
    if strange := [name for name in wanted if name not in known]:
        raise StagingError(
            f"{dataset} has no class {nearest_known(strange, known)}. "
            f"See all {len(known)} with `scones stage {dataset} --list-classes`."
        )


def nearest_known(strange: Sequence[str], known: Sequence[str]) -> str:
    """The names that are not known, each with the nearest known one."""
    said = []
    for name in strange:
        nearest = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
        said.append(f"{name!r}" + (f" (did you mean {nearest[0]}?)" if nearest else ""))
    return ", ".join(said)
