"""The add-ons beside the monitoring, in one sandbox whose stack has them."""
