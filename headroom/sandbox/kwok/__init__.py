"""The stages that KWOK plays, one file each."""
