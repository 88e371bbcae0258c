from __future__ import annotations

from hypothesis import HealthCheck, settings

# Hypothesis measures the clock, and it shows how busy the machine is: suites run side by side.
settings.register_profile("whatever else runs", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("whatever else runs")
