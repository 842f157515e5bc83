"""What differs between generations of INUBIT. Source: dossier inubit.md, section 1.5."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """`status_page` answers errors with an HTML page instead of an ApiError."""

    name: str
    status_page: bool


PROFILES = {"9.0": Profile("9.0", False), "8.1": Profile("8.1", True)}
