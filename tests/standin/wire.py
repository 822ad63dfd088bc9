"""What can go wrong with an answer on its way: late, cut, or never sent."""
import select
import socket
import struct
import time

NOTHING_LEFT = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the connection


class Wire:
    """Faults of one answer; as it is made, none."""

    def __init__(self):
        self.delay = 0.0      # seconds, before the answer or, with pieces, spread over its body
        self.pieces = 1
        self.drop = False     # nothing is sent
        self.reset = False    # a connection that is dropped is reset, not just closed
        self.cut_gzip = None  # what is left of the gzip stream
        self.cut_body = None  # what is left of the body as framed, before the drop
        self.stall = None     # seconds of silence after that, instead of the drop

    def encoded(self, body):
        """The gzip stream of a body."""
        return body if self.cut_gzip is None else cut(body, self.cut_gzip)

    def begins(self, handler):
        """Whether there will be an answer; waits for it."""
        if self.pieces == 1:
            time.sleep(self.delay)
        if self.drop and self.stall is not None:
            self.wait(handler)
        if self.drop:
            self.hang_up(handler)
        return not self.drop

    def send(self, handler, framed):
        """The body, framed: an iterator of bytes."""
        if self.cut_body is not None:
            handler.wfile.write(cut(b"".join(framed), self.cut_body))
            handler.wfile.flush()
            if self.stall is not None:
                self.wait(handler)
            self.hang_up(handler)
        elif self.pieces > 1:
            self.trickle(handler, b"".join(framed))
        else:
            handler.wfile.writelines(framed)
            handler.wfile.flush()

    def trickle(self, handler, data):
        size = -(-len(data) // self.pieces)
        for start in range(0, len(data), size):
            handler.wfile.flush()
            time.sleep(self.delay / self.pieces)
            handler.wfile.write(data[start:start + size])
        handler.wfile.flush()

    def wait(self, handler):
        """Says nothing more, until the client goes away or the time is over."""
        end = time.monotonic() + self.stall
        while time.monotonic() < end:
            readable, _, _ = select.select([handler.connection], [], [], end - time.monotonic())
            try:
                if readable and not handler.connection.recv(65536):
                    return
            except OSError:
                return

    def hang_up(self, handler):
        handler.close_connection = True
        if not self.reset:
            return
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOTHING_LEFT)
        # closed only with the last file that is open on it
        for file in (handler.wfile, handler.rfile, handler.connection):
            file.close()


SOUND = Wire()


def cut(data, keep):
    """The part of data that keep leaves: a share with a point, or a count of bytes; a negative
    one is left out at the end. Always something is missing."""
    size = int(len(data) * float(keep)) if "." in keep else int(keep)
    size = len(data) + size if size < 0 else size
    return data[:max(0, min(size, len(data) - 1))]
