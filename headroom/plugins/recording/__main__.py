import gc

from headroom.plugins.recording.server import main

# It ends with its engine's run: looking for garbage meanwhile is a sixth of what reading a cloud's SDK takes.
gc.disable()
main()
