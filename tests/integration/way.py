# SPDX-License-Identifier: GPL-3.0-or-later
"""A network between a server and a client on this machine that loses, delays
and holds back what goes over it.

Two network namespaces, each with a TUN device, and a thread that carries
packets from one to the other. UDP alone is treated badly. It needs the right
to make networks, and nothing of the kernel's traffic control.
"""
import contextlib
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time

SERVER = '10.97.25.1'
CLIENT = '10.97.25.2'

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454ca
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
UDP = 17
MTU = 1500
# What a router holds at most of what does not fit through, s.
BUFFER = 0.3

# The descriptor of the server's device, once there is one.
server_device = None


def enter_network(address, other):
    """Moves this thread, and all that it starts from now on, into a network of
    its own; the descriptor of its device."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), 'unshare')
    device = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF,
                struct.pack('16sH22x', b'way', IFF_TUN | IFF_NO_PI))
    for command in ('link set lo up',
                    'addr add %s peer %s dev way' % (address, other),
                    'link set way mtu %d up' % MTU,
                    'route add default via %s' % other):
        subprocess.run(['ip', *command.split()], check=True)
    return device


def enter_server():
    """Into the server's network; its address, or None without the right."""
    global server_device
    try:
        server_device = enter_network(SERVER, CLIENT)
    except (OSError, subprocess.CalledProcessError):
        return None
    return SERVER


class Direction:
    """Packets from one device to the other."""

    def __init__(self, source, target, seed, loss=0.0, delay=0.0, jitter=0.0,
                 rate=None):
        """loss: of packets, 0 to 1; delay: s; jitter: s, what is added at
        most, in their order; rate: bit/s."""
        self.source, self.target = source, target
        self.loss, self.delay, self.jitter = loss, delay, jitter
        self.rate = rate
        self.random = random.Random(seed)
        self.waiting = []
        self.number = 0
        self.free_at = 0.0
        self.last = 0.0

    def take(self, now):
        """One packet that has come."""
        packet = os.read(self.source, MTU)
        if packet[0] >> 4 != 4 or packet[9] != UDP:
            self.put(now, packet)
            return
        if self.random.random() < self.loss:
            return
        leave = now
        if self.rate:
            leave = max(now, self.free_at)
            if leave - now > BUFFER:
                return
            self.free_at = leave + len(packet) * 8 / self.rate
            leave = self.free_at
        leave += self.delay + self.random.random() * self.jitter
        self.last = max(self.last, leave)
        self.put(self.last, packet)

    def put(self, when, packet):
        """Has it leave then."""
        self.number += 1
        heapq.heappush(self.waiting, (when, self.number, packet))

    def give(self, now):
        """All whose time has come."""
        while self.waiting and self.waiting[0][0] <= now:
            packet = heapq.heappop(self.waiting)[2]
            with contextlib.suppress(OSError):
                os.write(self.target, packet)


def carry(directions, stopped):
    """Until it is stopped."""
    sources = {one.source: one for one in directions}
    while not stopped.is_set():
        now = time.monotonic()
        for one in directions:
            one.give(now)
        due = [one.waiting[0][0] for one in directions if one.waiting]
        timeout = max(0.0, min(due, default=now + 0.1) - now)
        for source in select.select(list(sources), [], [],
                                    min(timeout, 0.1))[0]:
            sources[source].take(time.monotonic())


@contextlib.contextmanager
def between(properties):
    """Into the client's network, with a way to the server's of these
    properties (see Direction), the same in both directions. None: nothing of
    that, here is good enough."""
    if not properties:
        yield
        return
    client_device = enter_network(CLIENT, SERVER)
    stopped = threading.Event()
    directions = [
        Direction(client_device, server_device, 9725, **properties),
        Direction(server_device, client_device, 8825, **properties)]
    thread = threading.Thread(target=carry, args=(directions, stopped))
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
        os.close(client_device)
