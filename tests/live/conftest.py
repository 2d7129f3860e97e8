"""What every live test gets: where one fails, what its hotline said."""

from collections.abc import Generator

import pytest

from hotline.demo.house import House
from hotline.demo.play import Play


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the last lines of each process's log to the report of a failed test, while its hotline is still up."""
    report = yield
    if report.when == "call" and report.failed and isinstance(item, pytest.Function):
        houses = {id(house): house for value in item.funcargs.values() if (house := _house_of(value)) is not None}
        report.sections += [("the hotline's logs", house.log_tail()) for house in houses.values()]
    return report


def _house_of(value: object) -> House | None:
    match value:
        case House():
            return value
        case Play():
            return value.house
    return None
