"""By what is judged: rules out of files and of dialects, and what somebody has agreed to."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from adapters.common.noise import Rule
from gateway.compare import noise, waivers
from gateway.compare.noise import Rules
from gateway.compare.waivers import Waivers

#: names under which a result keeps the text of the file of waivers, and which rules were of use
WAIVERS, RULES_USED = "waivers", "rules_used"


@dataclass(frozen=True, slots=True)
class Terms:
    rules: Rules = field(default_factory=Rules)
    waivers: Waivers = field(default_factory=Waivers)
    waivers_text: str = ""

    def meta(self) -> dict[str, str]:
        """What a result has to keep of them, when all is judged."""
        return {WAIVERS: self.waivers_text, RULES_USED: json.dumps(noise.usage(self.rules))}


def read(noise_files: Iterable[Path], waivers_file: Path | None, shipped: Iterable[Rule] = ()) -> Terms:
    """Raises BadTables, and OSError."""
    own = [rule for path in noise_files for rule in noise.read(path)]
    text = b"" if waivers_file is None else waivers_file.read_bytes()
    agreed = waivers.parse(text, str(waivers_file or ""))
    return Terms(Rules(own, shipped), Waivers(agreed), text.decode())
