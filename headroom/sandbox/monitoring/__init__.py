"""Real Prometheus on the real operator's configuration, outside of pods."""
