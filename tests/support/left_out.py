"""Which tests a run leaves out since something is not there, and which command brings it."""

import os

import pytest

from tests.support import tools

KEY = "left out for want of"


def look(item: pytest.Item) -> None:
    """Leave a test out if a need of its is not met; fail it with REQUIRE_TOOLS=1."""
    names = [name for marker in item.iter_markers("needs") for name in marker.args]
    missing = {name: text for name in names if (text := tools.missing(name))}
    if not missing:
        return
    reason = "; ".join(f"needs {name}: {text}" for name, text in missing.items())
    if os.environ.get("REQUIRE_TOOLS"):
        pytest.fail(reason, pytrace=False)
    item.user_properties += [(KEY, name) for name in missing]
    pytest.skip(reason)


class LeftOut:
    """Told of every report, also of those that come from workers."""

    def __init__(self) -> None:
        self.needs: set[str] = set()
        self.count = 0
        self.others: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            names = [str(value) for key, value in report.user_properties if key == KEY]
            self.needs.update(names)
            self.count += bool(names)
            self.others += [] if names else [report.nodeid]

    def wrong(self) -> str:
        """What should not be so: nothing may be left out silently."""
        if self.others:
            return f"left out for no need of tests/support/tools.py: {' '.join(self.others)}"
        there = [name for name in tools.NEEDS if name not in self.needs]
        return f"not left out: {' '.join(there)}" if there and os.environ.get("FORBID_TOOLS") else ""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.wrong() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.needs:
            terminalreporter.write_line(f"{self.count} tests {tools.summary(self.needs)}", yellow=True)
        if wrong := self.wrong():
            terminalreporter.write_line(wrong, red=True)
