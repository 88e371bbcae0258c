"""The true class of a captured image: what a label says of its id, its event, or the picture itself."""

from __future__ import annotations

from reports.captured.images import EncodedImage
from reports.captured.inferences import Inference
from reports.figures.images import pixel_digest
from reports.history.labels import Labels


def true_class(inference: Inference, labels: Labels) -> str | None:
    """None where no label names it; labels by key do not, for captured data has no keys."""
    found = labels.find(inference.inference_id, None, None, inference.event_id)
    if found is None and labels.by_digest and inference.image is not None:
        return _by_content(inference.image, labels)
    return found


def _by_content(image: EncodedImage, labels: Labels) -> str | None:
    """By the file's digest, else by that of the pixels: who sent the picture may have saved it anew."""
    digest = image.digest() or ""
    if digest in labels.by_digest:
        return labels.by_digest[digest]
    try:
        return labels.by_digest.get(pixel_digest(image.read()))
    except ValueError:
        return None
