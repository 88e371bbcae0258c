"""Resources of SageMaker, and scalable targets, on a disk that takes no more."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path
from typing import Any

import pytest
from loopback_aws.autoscaling.registry import Registry
from loopback_aws.errors import ApiError
from loopback_aws.sagemaker.names import Region
from loopback_aws.sagemaker.store import Store

REGION = Region("us-east-1", "000000000000")


def fill(patch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    patch.setattr(tempfile, "mkstemp", refuse)


def test_what_cannot_be_kept_is_refused_and_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "state.json", REGION)
    record = {"ModelName": "kept", "Tries": 1}
    store.add("model", "kept", record, [{"Key": "a", "Value": "b"}])
    with monkeypatch.context() as patch:
        fill(patch)
        with pytest.raises(ApiError, match=r"No space left on device.*Nothing was changed"):
            store.add("model", "new", {}, [])
        with pytest.raises(ApiError, match="make room"):
            store.remove("model", "kept")
        with pytest.raises(ApiError), store.change():
            record["Tries"] = 2
    assert store.all("model") == [{"ModelName": "kept", "Tries": 1}]
    assert list(store.tags.values()) == [{"a": "b"}]
    store.add("model", "new", {}, [])
    again = Store(tmp_path / "state.json", REGION)
    assert again.all("model") == [{"ModelName": "kept", "Tries": 1}, {}]


def test_what_happened_already_is_kept_with_the_next_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "state.json", REGION)
    record = {"EndpointStatus": "Creating"}
    store.add("endpoint", "a", record, [])
    with monkeypatch.context() as patch:
        fill(patch)
        with store.note():
            record["EndpointStatus"] = "InService"
    assert Store(tmp_path / "state.json", REGION).all("endpoint") == [{"EndpointStatus": "Creating"}]
    store.add("model", "b", {}, [])
    assert Store(tmp_path / "state.json", REGION).all("endpoint") == [{"EndpointStatus": "InService"}]


def test_a_scalable_target_that_cannot_be_kept_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(tmp_path / "autoscaling.json")
    registry.targets["a"] = {"MinCapacity": 1}
    registry.save()
    with monkeypatch.context() as patch:
        fill(patch)
        registry.targets["b"] = {}
        with pytest.raises(ApiError, match="make room"):
            registry.save()
    assert registry.targets == {"a": {"MinCapacity": 1}}
