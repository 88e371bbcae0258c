"""Combinations of the monitor's settings that cannot work."""

from __future__ import annotations

from stacks.settings.stage import StageSettings


def monitor_timeout(settings: StageSettings) -> str | None:
    timeout, minutes = settings.monitoring.function.timeout_seconds, settings.monitoring.schedule_minutes
    if timeout <= minutes * 60:
        return None
    return (
        f"monitoring.function.timeout_seconds is {timeout}, more than the {minutes * 60} seconds of "
        f"monitoring.schedule_minutes, {minutes}: a run would be in the next one's way"
    )


def monitor_window(settings: StageSettings) -> str | None:
    hours, minutes = settings.monitoring.window_hours, settings.monitoring.schedule_minutes
    if hours * 60 >= minutes:
        return None
    return (
        f"monitoring.window_hours is {hours}, less than the {minutes} minutes of "
        "monitoring.schedule_minutes: what lies between would be on no page"
    )


def captured_window(settings: StageSettings) -> str | None:
    days, hours = settings.storage.captured_data_days, settings.monitoring.window_hours
    if days * 24 >= hours:
        return None
    return (
        f"storage.captured_data_days is {days}, less than the {hours} hours of monitoring.window_hours: "
        "what the page looks back on would be gone"
    )
