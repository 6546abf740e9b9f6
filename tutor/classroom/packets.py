"""What a packet costs: quick ciphers, none that says nothing, and none that unpacks without end."""

import zlib
from functools import partial
from typing import Any

from asyncssh import CompressionError
from asyncssh.compression import Decompressor, get_compressor, register_compression_alg

MSG_IGNORE = 2  # RFC 4253, section 11.2
ZLIB = "zlib@openssh.com"
LARGEST = 256 * 1024  # bytes of an unpacked packet: asyncssh takes no larger one that comes unpacked

# A client takes the first of its own list that is here. chacha20-poly1305, which most have first, is not: asyncssh sets
# six ciphers up anew for a packet of it, seven times the work of AES; nor is any CBC (see `send_nothing_empty`).
CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")


def send_nothing_empty(connection: Any) -> None:
    """Leave out the MSG_IGNORE that asyncssh 2.24 sends before every packet: 36 bytes and half the work of a key.

    It hides the initial vector that chained packets of CBC ciphers give away (RFC 4251, section 9.3.1); counter modes,
    the only ones here, have none to hide.
    """
    send = connection.send_packet

    def send_packet(kind: int, *arguments: bytes, **options: Any) -> None:
        if kind != MSG_IGNORE:
            send(kind, *arguments, **options)

    connection.send_packet = send_packet


class Unpack(Decompressor):
    """asyncssh's own sets no bound: 200 kB become 200 MB, and everybody waits meanwhile."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj()

    def decompress(self, data: bytes) -> bytes | None:
        """A packet; None where it is broken. Raises CompressionError: it would be larger than LARGEST."""
        try:
            packet = self._stream.decompress(data, LARGEST + 1)
        except zlib.error:
            return None
        if len(packet) > LARGEST:
            raise CompressionError(f"a packet that unpacks to more than {LARGEST} bytes")
        return packet


def bound_compression() -> None:
    """Unpack what clients send with a bound, from here on in this process."""
    register_compression_alg(ZLIB.encode(), partial(get_compressor, b"zlib"), Unpack, True, True)
