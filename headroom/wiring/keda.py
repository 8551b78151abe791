"""What KEDA calls its triggers."""

from __future__ import annotations

RESOURCES = ("cpu", "memory")
"""Triggers that become resource metrics of the HorizontalPodAutoscaler (kedacore/keda pkg/scalers/cpu_memory_scaler.go)."""
KNOWN_TRIGGERS = ("cpu", "cron", "external", "external-push", "kafka", "memory", "metrics-api", "prometheus", "rabbitmq", "redis")
"""Some of kedacore/keda pkg/scaling/scalers_builder.go, to tell a slip."""
