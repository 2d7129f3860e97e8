"""How sure a simulated number is: batch means over independent replications.

A batch is long against the memory of a queue (a few handling times divided by the square of the spare capacity), so
that batches count as independent. Every measure is a share or a mean, that is a ratio of two sums; its error is that of
a ratio of means (Cochran, Sampling Techniques, chapter 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

_T_975 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
)
"""Student's 97.5 % quantile at 1 to 20 degrees of freedom; from there 1.96 + 2.5 / n is right to 0.002."""


@dataclass(frozen=True)
class Estimate:
    """A number and how far it may be off."""

    value: float
    standard_error: float | None
    """None: there is but one batch."""
    half_width: float | None
    """Of the interval that holds the true value in 95 of 100 cases."""


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Estimate | None:
    """The sum of the one over the sum of the other, batch by batch; None where nothing was counted."""
    total = sum(denominators)
    if total == 0:
        return None
    value = sum(numerators) / total
    count = len(numerators)
    if count < 2:
        return Estimate(value, None, None)
    residues = (up - value * low for up, low in zip(numerators, denominators, strict=True))
    spread = sum(residue * residue for residue in residues) / (count - 1)
    return _with_error(value, sqrt(spread / count) * count / total, count)


def quantile(batches: Sequence[Sequence[float]], share: float) -> Estimate | None:
    """The value that this share of all does not exceed; its error is that of the batches' own quantiles.

    batches: each sorted.
    """
    full = [batch for batch in batches if batch]
    if not full:
        return None
    value = _quantile(sorted(one for batch in full for one in batch), share)
    if len(full) < 2:
        return Estimate(value, None, None)
    own = [_quantile(batch, share) for batch in full]
    centre = sum(own) / len(own)
    spread = sum((one - centre) ** 2 for one in own) / (len(own) - 1)
    return _with_error(value, sqrt(spread / len(own)), len(own))


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _with_error(value: float, error: float, count: int) -> Estimate:
    freedom = count - 1
    factor = _T_975[freedom - 1] if freedom <= len(_T_975) else 1.96 + 2.5 / freedom
    return Estimate(value, error, error * factor)
