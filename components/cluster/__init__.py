"""Clusters and their GPU pools, one module per provider behind one contract."""

from components.cluster.contract import KUBECONFIG, Cluster, connect, within

__all__ = ["KUBECONFIG", "Cluster", "connect", "within"]
