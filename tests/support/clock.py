"""A clock that can be stopped and put forward, so that no test waits for a time."""

from core.clock import wall_clock


class MovableClock:
    def __init__(self) -> None:
        self._ahead = 0
        self._stopped: int | None = None

    def __call__(self) -> int:
        return (wall_clock() if self._stopped is None else self._stopped) + self._ahead

    def stop(self) -> None:
        self._stopped = wall_clock()

    def forward(self, milliseconds: int) -> None:
        self._ahead += milliseconds
