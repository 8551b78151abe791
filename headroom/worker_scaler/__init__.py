"""The worker scaler: a small program beside a TorchServe in its pod, which grows and shrinks that server's workers.

TorchServe never changes the number of a model's workers by itself: it grows to `min_worker` and shrinks to `max_worker` when it is told
so, by an API that answers for one pod only. This program tells it, from inside the pod, and has the container's memory resized in place
before workers are added and after they are gone.

Standard library only: it runs in any image with Python, from these files, and imports nothing else of this project.
"""
