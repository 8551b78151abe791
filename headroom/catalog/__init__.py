"""What is known, as pure data: engines, signals, machines, versions and the names everything shares."""
