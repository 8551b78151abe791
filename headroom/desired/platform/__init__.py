"""Helm values of the platform's add-ons, one pure function per chart."""
