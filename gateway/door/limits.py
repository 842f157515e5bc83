"""How much of everything a client may take, out of the settings."""

from dataclasses import dataclass

from gateway.door.system import files_for_connections
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    header_bytes: int
    path: int
    headers: int
    connections: int
    per_address: int
    held_bytes: int
    first_byte: float
    head: float
    body: float
    write: float
    keep_alive: float
    min_rate: int
    within: float
    is_short_of_files: bool = False

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        files = files_for_connections()
        return cls(
            header_bytes=settings.max_header_bytes,
            path=settings.max_path,
            headers=settings.max_headers,
            connections=min(settings.max_connections, files),
            per_address=settings.max_connections_per_address,
            held_bytes=settings.max_held_bytes,
            first_byte=settings.first_byte_seconds,
            head=settings.head_seconds,
            body=settings.body_seconds,
            write=settings.write_seconds,
            keep_alive=settings.keep_alive_seconds,
            min_rate=settings.min_rate,
            within=settings.admit_within,
            is_short_of_files=files < settings.max_connections,
        )

    @property
    def unfinished_head(self) -> int:
        """The most bytes of a head that is not complete; names and values are apart by a few."""
        return self.path + self.header_bytes + 4 * self.headers + 64

    @property
    def pause(self) -> float:
        """Seconds between two looks at all connections."""
        shortest = min(self.first_byte, self.head, self.body, self.write, self.keep_alive)
        return max(0.02, min(1.0, shortest / 4))
