"""What each process may do in the cluster: a file per certificate user."""
