"""The loop that keeps the engine's steps going, on a real clock or a virtual one."""

from disparo.worker.memory import collect_less_often
from disparo.worker.worker import Worker

__all__ = ["Worker", "collect_less_often"]
