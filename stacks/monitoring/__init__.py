"""What is watched, and who hears of it."""

from stacks.monitoring.stack import MonitoringStack

__all__ = ["MonitoringStack"]
