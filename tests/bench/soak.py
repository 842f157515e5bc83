"""`make soak`: mixed traffic for an hour, and whether the gateway still holds what it held when its caches were full.

python -m tests.bench.soak [--seconds 3600] [--clients 4]
"""

import argparse
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.bench.harness import Line, free_port, gateway, prepare, server
from tests.clients.test_webhooks import Target, register, settings
from tests.support.facilioo import login
from tests.support.traffic import Held, client, held

SAMPLES = 60
#: of the last quarter against the one before: memory may be so much more, all else so many more
MORE_MEMORY = 0.03
MORE = 4


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--clients", type=int, default=4)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dragoman-soak-") as folder:
        samples, answers = soak(Path(folder), chosen.seconds, chosen.clients)
    lines = judged(samples)
    for line in lines:
        print(line.show())
    print("   answers:", ", ".join(f"{count:,} x {status}" for status, count in sorted(answers.items())))
    return 0 if all(line.good for line in lines) else 1


class At(NamedTuple):
    url: str


def soak(folder: Path, seconds: float, clients: int) -> tuple[list[Held], Counter[int]]:
    url, port, target = f"sqlite:///{folder}/soak.db", free_port(), Target()
    prepare(url, 1_000)
    stop, answers, samples = threading.Event(), Counter[int](), list[Held]()

    def work() -> None:
        number = 0
        with client(port) as somebody:
            while not stop.is_set():
                somebody.round(number)
                number += 1
            answers.update(somebody.answers)

    began = time.monotonic()
    with server(gateway(port, url), port, "/ready", **settings(target)) as process, target.up():
        with login(At(f"http://127.0.0.1:{port}")) as api:
            register(api, target)
        with ThreadPoolExecutor(clients) as pool:
            working = [pool.submit(work) for _ in range(clients)]
            try:
                while len(samples) < SAMPLES and not any(w.done() for w in working):
                    time.sleep(max(0.0, began + seconds * (len(samples) + 1) / SAMPLES - time.monotonic()))
                    samples.append(held(process.pid, port))
                    print(f"   {time.monotonic() - began:6.0f} s  {samples[-1]}", flush=True)
            finally:
                stop.set()
            for worker in working:
                worker.result()
    return samples, answers


def judged(samples: Sequence[Held]) -> list[Line]:
    """Is the last quarter as the one before?"""
    quarter = len(samples) // 4
    before, last = samples[-2 * quarter : -quarter], samples[-quarter:]
    lines = []
    for name in ("memory", "files", "threads", "tasks", "connections"):
        was, now = (median(getattr(sample, name) for sample in some) for some in (before, last))
        most = was * (1 + MORE_MEMORY) if name == "memory" else was + MORE
        note = f"at first {getattr(samples[0], name):.0f}, then {was:.0f}"
        lines.append(
            Line(name, now, unit="MB" if name == "memory" else "", bar=f"<= {most:.0f}", good=now <= most, note=note)
        )
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
