"""Content as it was before it was encoded for the way (RFC 2045 §6)."""

from __future__ import annotations

import binascii
from string import ascii_letters, digits

_NOT_BASE64 = bytes(set(range(256)) - set(f"{ascii_letters}{digits}+/".encode()))


def decode(content: bytes | memoryview, encoding: str) -> bytes:
    """``content`` without its transfer encoding; as it is, where that is not known.

    Other than in base64 and binary, line ends are part of the way and not of the content. They become CRLF (RFC 2049
    §4), so that a file is the same whether its mail comes from a mail server or from a Maildir.
    """
    match encoding.strip().lower():
        case "base64":
            return base64(content)
        case "quoted-printable":
            return _lines(binascii.a2b_qp(content))
        case "binary":
            return bytes(content)
        case _:
            return _lines(bytes(content))


def base64(content: bytes | memoryview) -> bytes:
    """What can be read of base64, whatever else stands in it and wherever it ends."""
    try:
        return binascii.a2b_base64(content)
    except binascii.Error:
        readable = bytes(content).translate(None, _NOT_BASE64)
        if len(readable) % 4 == 1:
            readable = readable[:-1]
        return binascii.a2b_base64(readable + b"==")


def _lines(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") if b"\n" in content else content
