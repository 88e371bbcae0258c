"""What can be set for the data bucket."""

from __future__ import annotations

from typing import Literal

from stacks.settings.setting import Settings, setting


class StorageSettings(Settings):
    on_destroy: Literal["keep", "empty"] = setting(
        "keep", "What `cdk destroy` does with the data bucket: keep it, or empty and delete it"
    )
    captured_data_days: int = setting(90, "How long captured requests and answers are kept", "days", ge=1)
    results_days: int = setting(
        365, "How long the results of executions over many images are kept", "days", ge=1
    )
    packs_days: int = setting(
        1, "How long packed images are kept: each attempt at a batch packs its own anew", "days", ge=1
    )
    reports_days: int = setting(365, "How long the monitor's pages and numbers are kept", "days", ge=1)
    old_versions_days: int = setting(
        30, "How long overwritten or deleted objects can be brought back", "days", ge=1
    )
    access_logs: bool = setting(False, "Keep a second bucket with the access logs of the data bucket")
    access_log_days: int = setting(365, "How long access logs are kept", "days", ge=1)
