"""Clusters and their GPU pools, one module per provider behind one contract."""

from components.cluster.contract import Cluster, connect

__all__ = ["Cluster", "connect"]
