"""What happens by itself. A step does one unit of work at `now` and says when it wants to be called again.

A step that changed something returns `now`: there may be more, for itself and for the others.

Nothing here sleeps or reads a clock: the worker, the functions on AWS and the simulator call the same steps.
"""
