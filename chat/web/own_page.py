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
    """The body; None if it is longer than `most` bytes.

    A little more than that is read and thrown away: who is answered while sending may not hear the answer.
    """
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > 2 * most:
        return None
    data, read = bytearray(), 0
    async for part in request.stream():
        read += len(part)
        if read > 2 * most:
            return None
        if read <= most:
            data += part
    return bytes(data) if read <= most else None
