"""Accept headers: which of two forms somebody prefers."""


def quality(accept: str, *media_types: str) -> float:
    """The best quality that an Accept header gives to any of the media types, 0 if none is acceptable."""
    best: dict[str, float] = {}
    for part in accept.split(","):
        media_range, *params = (p.strip().lower() for p in part.split(";"))
        q = 1.0
        for param in params:
            name, _, value = param.partition("=")
            if name.strip() == "q":
                try:
                    q = float(value)
                except ValueError:
                    q = 0.0
        best[media_range] = max(q, best.get(media_range, 0.0))
    highest = 0.0
    for media_type in media_types:
        for candidate in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
            if candidate in best:
                highest = max(highest, best[candidate])
                break
    return highest
