"""What can be set for a stage, how it is read from cdk.json, and which combinations cannot work."""

from stacks.settings.reading import SettingsError, parse_settings, read_stage
from stacks.settings.stage import StageSettings

__all__ = ["SettingsError", "StageSettings", "parse_settings", "read_stage"]
