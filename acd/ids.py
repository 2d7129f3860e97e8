"""The ids that an engine draws, remembered as they are drawn: a recorded decision is made again with the same."""

from collections.abc import Callable, Iterable


class Ids:
    """An engine's `new_id`. Live it draws from `draw`; in a replay it gives those of the recorded decision."""

    def __init__(self, draw: Callable[[], str] | None = None) -> None:
        self.drawn: list[str] = []
        """Since the last `forget`."""
        self.watch: Callable[[str], None] | None = None
        """Told of each id at the moment when it is drawn: the offer that it names is decided and not made yet."""
        self._draw = draw
        self._recorded: list[str] = []

    def __call__(self) -> str:
        drawn = self._recorded.pop(0) if self._recorded else self._fresh()
        self.drawn.append(drawn)
        if self.watch is not None:
            self.watch(drawn)
        return drawn

    def forget(self) -> None:
        """A new decision begins."""
        if self.drawn:
            self.drawn = []

    def give(self, recorded: Iterable[str]) -> None:
        """Begin a decision that is made again: the next ids are these."""
        self.drawn, self._recorded = [], list(recorded)

    def _fresh(self) -> str:
        return self._draw() if self._draw is not None else f"not-recorded-{len(self.drawn) + 1}"

    def __getstate__(self) -> dict[str, object]:
        """Where ids come from belongs to a process, not to the engine's state."""
        return {"drawn": [], "watch": None, "_draw": None, "_recorded": []}
