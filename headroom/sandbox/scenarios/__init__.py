"""Scenarios: a load on a server in phases, everything between metric and replica count recorded, and a verdict on it."""
