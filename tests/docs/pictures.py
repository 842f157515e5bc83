"""Pictures of the report for docs/migration.md: wide and narrow, light and dark.

    python -m tests.docs.pictures docs/pictures

Chromium of Debian draws them from the report of a replay with planted changes.
"""

import asyncio
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from gateway.compare.grades import Grade
from gateway.replay.run import Wanted, replay
from gateway.report.page import page
from gateway.report.sources import summary
from gateway.traffic.results import Result
from tests.support.elsewhere import move_on
from tests.support.planted import Planting
from tests.support.script import Script, with_a_shelf
from tests.support.world import make_demo, open_world_at
from tests.support.written import write

SIZES = {"wide": (1280, 900), "narrow": (390, 1100)}
#: which change is in the answer to which exchange, and none but those
CHANGES = {"another_value": "search", "a_member_less": "processes/", "an_added_attribute": "getcurrentuser"}


async def _report(folder: Path) -> str:
    path, other = folder / "old.db", folder / "new.db"
    await make_demo(f"sqlite:///{path}")
    other.write_bytes(path.read_bytes())
    move_on(other)
    async with open_world_at(f"sqlite:///{path}", path) as world:
        script = Script(with_a_shelf(world.gateway))
        for asked in await script.prepare():
            if any(word in asked[1].lower() for word in CHANGES.values()):
                await script.ask(*asked)
    exchanges = script.recorder.recorded
    planted = {}
    for name, word in CHANGES.items():
        those = [
            exchange.number
            for exchange in exchanges
            if word.encode() in exchange.request.target.lower()
            and exchange.response is not None
            and exchange.response.status == 200
        ]
        planted[those[-1]] = name
    file = write(folder / "old.rec", exchanges)
    async with open_world_at(f"sqlite:///{other}", other) as world:
        await replay(Wanted(file, folder / "old.rec.replay"), Planting(with_a_shelf(world.gateway), planted, 0))
    with Result(folder / "old.rec.replay") as result:
        return page(summary(result, datetime.now(UTC).date()), Grade.BREAKING)


def main(folder: str) -> int:
    target = Path(folder)
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "report.html")
        file.write_text(asyncio.run(_report(Path(scratch))), encoding="utf-8")
        for name, (width, height) in SIZES.items():
            for shade in ("light", "dark"):
                _draw(file, target / f"report-{name}-{shade}.png", width, height, is_dark=shade == "dark")
    return 0


def _draw(file: Path, picture: Path, width: int, height: int, *, is_dark: bool) -> None:
    """A window of Chromium is 500 pixels wide at the least: what is narrower stands in a frame."""
    frame = file.with_name("frame.html")
    frame.write_text(
        f'<body style="margin:0;text-align:center;background:{"#16181b" if is_dark else "#fbfbfa"}">'
        f'<iframe src="{file.name}" style="border:0;width:{width}px;height:{height}px"></iframe>'
    )
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--window-size={max(width, 500)},{height}", f"--screenshot={picture.resolve()}"]
    command += ["--blink-settings=preferredColorScheme=0"] if is_dark else []
    command += [f"--user-data-dir={file.parent / 'chromium'}", frame.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
