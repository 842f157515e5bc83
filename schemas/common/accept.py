"""Accept headers: which of two forms somebody prefers."""

import re

#: `0.5`, and what Java sends: `.2`
_QUALITY = re.compile(r"\s*([01]|[01]?\.[0-9]{1,9}|[01]\.)\s*", re.ASCII)


def quality(accept: str, *media_types: str) -> float:
    """The best quality that an Accept header gives to any of the media types, 0 if none is acceptable."""
    best: dict[str, float] = {}
    for part in accept.split(","):
        media_range, *params = (p.strip().lower() for p in part.split(";"))
        q = 1.0
        for param in params:
            name, _, value = param.partition("=")
            if name.strip() == "q":
                match = _QUALITY.fullmatch(value)
                q = min(float(match[1]), 1.0) if match is not None else 0.0
        best[media_range] = max(q, best.get(media_range, 0.0))
    highest = 0.0
    for media_type in media_types:
        for candidate in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
            if candidate in best:
                highest = max(highest, best[candidate])
                break
    return highest
