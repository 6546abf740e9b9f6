"""What a packet costs: quick ciphers, none that says nothing, none that unpacks without end, so much a second; and how
much may wait for a client that does not read."""

import asyncio
import select
import zlib
from collections.abc import Callable
from functools import partial
from time import thread_time
from typing import Any

from asyncssh import CompressionError
from asyncssh.compression import Decompressor, get_compressor, register_compression_alg

from tutor.classroom.bucket import Bucket

MSG_IGNORE = 2  # RFC 4253, section 11.2
ZLIB = "zlib@openssh.com"
LARGEST = 256 * 1024  # bytes of an unpacked packet: asyncssh takes no larger one that comes unpacked

# What one connection may use. A key costs some 0.3 ms and 70 bytes; a paste of `MOST_TYPED` comes at once.
AT_ONCE = 4096  # bytes that are read of one connection before others have their turn: 100 packets at most
CPU_SHARE, CPU_AT_ONCE = 0.1, 0.2  # of the server's time; seconds of it
BYTES_SHARE, BYTES_AT_ONCE = 64 * 1024, 512 * 1024  # a second; at once
WAIT_SHARE, WAIT_AT_ONCE = 0.5, 10.0  # of the time that it may wait for that; seconds: then it is too much
LOOK_EVERY = 1.0  # seconds, of those that it waits, between looks whether the client is still there
GONE = select.POLLERR | select.POLLHUP | getattr(select, "POLLRDHUP", 0)  # the last one is Linux's
MOST_WAITING = 1024 * 1024  # bytes for one that does not read; sessions stop long before (at 64 kB)
PACKET = 100  # bytes that Python takes for a packet that is put off, besides its own, about

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


def bound_what_waits(connection: Any, hold: Callable[[bool], None], too_much: Callable[[], None]) -> None:
    """Bound the answers that a client asks for and does not read, and those that asyncssh puts off during an exchange
    of keys, which a client may begin and never end.

    hold: called with True while sessions must say nothing, for it would be put off. too_much: called once more than
    MOST_WAITING bytes wait.
    """
    transport, send, send_deferred = (
        connection._transport,
        connection.send_packet,
        connection._send_deferred_packets,
    )
    put_off, is_over = 0, False

    def send_packet(kind: int, *arguments: bytes, **options: Any) -> None:
        nonlocal put_off, is_over
        before = len(connection._deferred_packets)
        send(kind, *arguments, **options)
        if len(connection._deferred_packets) > before:
            put_off += PACKET + sum(map(len, arguments))
            hold(True)
        if put_off + transport.get_write_buffer_size() > MOST_WAITING and not is_over:
            is_over = True
            asyncio.get_running_loop().call_soon(too_much)

    def send_deferred_packets() -> None:
        nonlocal put_off
        put_off = 0
        send_deferred()
        hold(False)

    connection.send_packet, connection._send_deferred_packets = send_packet, send_deferred_packets


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


def allow_so_much(connection: Any, met: Callable[[], None], too_much: Callable[[], None]) -> None:
    """Read a connection more slowly once its packets have cost too much: time of the server, or bytes.

    What a packet is does not matter: whatever it makes the server do at once is counted. met: called at every wait.
    too_much: called when it has gone on like that for 20 s; what the system has received of it would take minutes. A
    client that goes meanwhile is not read to its end.
    """
    transport, take = connection._transport, connection.data_received
    transport.max_size = AT_ONCE
    cpu, received = Bucket(CPU_SHARE, CPU_AT_ONCE), Bucket(BYTES_SHARE, BYTES_AT_ONCE)
    waits = Bucket(WAIT_SHARE, WAIT_AT_ONCE)

    def rest(wait: float) -> None:
        if transport.is_closing():
            return
        if _has_gone(transport):
            connection.abort()
        elif wait > 0:
            asyncio.get_running_loop().call_later(min(wait, LOOK_EVERY), rest, wait - LOOK_EVERY)
        else:
            transport.resume_reading()

    def data_received(data: bytes, datatype: Any = None) -> None:
        start = thread_time()
        take(data, datatype)
        if wait := max(cpu.pay(thread_time() - start), received.pay(len(data))):
            transport.pause_reading()
            rest(wait)
            (too_much if waits.pay(wait) else met)()

    connection.data_received = data_received


def _has_gone(transport: Any) -> bool:
    """Whether the client has closed its end, which reading would tell only after all that came before."""
    end = select.poll()
    end.register(transport.get_extra_info("socket"), GONE)
    return bool(end.poll(0))
