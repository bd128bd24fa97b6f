"""PORT TO: passes bytes between clients of PORT and the server at TO, both on 127.0.0.1. After a line `cut` on standard
input it takes and passes nothing, and closes nothing, until the line `heal`; each is answered with CLOCK_BOOTTIME."""
import contextlib
import selectors
import socket
import sys
import time

BUFFER = 1 << 18


class Side:
    """One end of a connection that is passed on, and what waits to be sent to it."""

    def __init__(self, endpoint):
        self.socket = endpoint
        self.other = None
        self.unsent = b""
        self.waits = False  # is not read until the other end has taken all


class Relay:
    def __init__(self, port, to):
        self.to = to
        self.selector = selectors.DefaultSelector()
        self.sides = set()
        self.passing = True
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(512)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(sys.stdin, selectors.EVENT_READ)

    def run(self):
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is sys.stdin:
                    order = sys.stdin.readline().strip()
                    if not order:
                        return
                    self.obey(order)
                elif key.fileobj is self.listener:
                    self.accept()
                else:
                    self.serve(key.data)

    def obey(self, order):
        self.passing = order == "heal"
        change = self.selector.register if self.passing else lambda one, *_: self.selector.unregister(one)
        change(self.listener, selectors.EVENT_READ)
        for side in self.sides:
            if not side.waits:
                change(side.socket, selectors.EVENT_WRITE if side.unsent else selectors.EVENT_READ, side)
        print(time.clock_gettime_ns(time.CLOCK_BOOTTIME), flush=True)

    def accept(self):
        client, server = Side(self.listener.accept()[0]), Side(socket.create_connection(("127.0.0.1", self.to)))
        client.other, server.other = server, client
        for side in (client, server):
            side.socket.setblocking(False)
            side.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sides.add(side)
            self.selector.register(side.socket, selectors.EVENT_READ, side)

    def serve(self, side):
        if side not in self.sides or not self.passing:
            return  # closed, or cut, in this round
        try:
            if side.unsent:
                self.send(side)
                return
            data = side.socket.recv(BUFFER)
            if not data:
                self.close(side)
                return
            side.other.unsent = data
            self.send(side.other)
        except OSError:
            self.close(side)

    def send(self, side):
        """What waits for `side`; while something does, its other end is not read."""
        with contextlib.suppress(BlockingIOError):
            side.unsent = side.unsent[side.socket.send(side.unsent):]
        if bool(side.unsent) == side.other.waits:
            return
        side.other.waits = bool(side.unsent)
        if side.other.waits:
            self.selector.unregister(side.other.socket)
            self.selector.modify(side.socket, selectors.EVENT_WRITE, side)
        else:
            self.selector.register(side.other.socket, selectors.EVENT_READ, side.other)
            self.selector.modify(side.socket, selectors.EVENT_READ, side)

    def close(self, side):
        for one in (side, side.other):
            self.sides.discard(one)
            if not one.waits:
                self.selector.unregister(one.socket)
            one.socket.close()


Relay(int(sys.argv[1]), int(sys.argv[2])).run()
