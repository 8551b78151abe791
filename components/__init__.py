"""The reusable Pulumi components: the only place that creates resources."""
