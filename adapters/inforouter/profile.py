"""What differs between generations of infoRouter. Source: dossier inforouter.md, sections 1.5, 1.7 and 5.

The methods offered so far answer alike in all of them, but for one text: `blank` is what stands behind the number of
`[901]` and `[900]`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    blank: str


PROFILES = {"8.7": Profile("8.7", " "), "9.0": Profile("9.0", ""), "8.0": Profile("8.0", " ")}
