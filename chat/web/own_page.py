"""Requests that change something: are they sent by our own page, and how much do they carry?"""

from starlette.requests import Request


def is_from_our_page(request: Request) -> bool:
    """Whether our own page sends it, or a program that says `X-Quotewire: 1`.

    Another site's page may send requests here, but none with a header of its own. (`Gate` looks at where they come
    from, and who sends them.)
    """
    ours = request.headers.get("x-quotewire") == "1"
    return ours and request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


async def body_of(request: Request, most: int) -> bytes | None:
    """The body; None as soon as it is longer than `most` bytes, without reading on."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        return None
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > most:
            return None
    return bytes(data)
