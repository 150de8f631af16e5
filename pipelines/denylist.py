# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may not publish, and until when.

A list of keys, each with its end and a reason: bounded, kept in a file that is
replaced whole at each change, a line of JSON a key:
{"key":"stream live/demo","until":"2026-11-23T12:00:00Z","reason":"violence"}
"""
import datetime
import json
import os
import threading
import time


class Damaged(Exception):
    """The file is not such a list."""


def to_text(seconds):
    """A time as RFC 3339, in UTC."""
    when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return when.strftime('%Y-%m-%dT%H:%M:%SZ')


def from_text(text):
    """Seconds since 1970 of what to_text() gives."""
    when = datetime.datetime.strptime(text, '%Y-%m-%dT%H:%M:%SZ')
    return when.replace(tzinfo=datetime.timezone.utc).timestamp()


def parse_line(line):
    """The (key, (until, reason)) of a line of the file."""
    try:
        fields = json.loads(line)
        return fields['key'], (from_text(fields['until']),
                               str(fields.get('reason', '')))
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f'not a line of a deny list: {line.strip()}') from error


class DenyList:
    """Any thread may call; the file has one process."""

    def __init__(self, path, limit, clock=time.time):
        """limit: of keys; when there are more, those that end first go. clock:
        s since 1970. Raises Damaged, or OSError where the file cannot be read;
        there may be none yet."""
        self.path = path
        self.limit = limit
        self.clock = clock
        self.lock = threading.Lock()
        try:
            with open(path, encoding='utf-8') as file:
                self.entries = dict(parse_line(line) for line in file)
        except FileNotFoundError:
            self.entries = {}

    def deny(self, keys, seconds, reason):
        """Denies all of the keys for so long from now, but does not shorten
        what is denied already. Returns until when, and how many others had to
        go for it. Raises OSError where it cannot be written: it holds all the
        same."""
        # Ends are kept in whole seconds.
        until = float(int(self.clock() + seconds) + 1)
        with self.lock:
            until = max([until] + [self.entries.pop(key, (0, ''))[0]
                                   for key in keys])
            gone = self.shrink(self.limit - len(keys))
            self.entries.update({key: (until, reason) for key in keys})
            self.save()
        return until, gone

    def get_end(self, key):
        """Until when the key is denied, or None."""
        with self.lock:
            until = self.entries.get(key, (0, ''))[0]
        return until if until > self.clock() else None

    def shrink(self, limit):
        """Takes out what has ended, and what is too much. Called with the
        lock."""
        now = self.clock()
        held = sorted(((key, entry) for key, entry in self.entries.items()
                       if entry[0] > now), key=lambda item: -item[1][0])
        self.entries = dict(held[:max(limit, 0)])
        return len(held) - len(self.entries)

    def save(self):
        """Replaces the file whole. Called with the lock."""
        new = f'{self.path}.new'
        with open(new, 'w', encoding='utf-8', opener=open_private) as file:
            for key, (until, reason) in self.entries.items():
                file.write(json.dumps(
                    {'key': key, 'until': to_text(until), 'reason': reason},
                    separators=(',', ':')) + '\n')
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self.path)
        folder = os.open(os.path.dirname(self.path) or '.', os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def open_private(path, flags):
    """Names of streams are keys to publish with, where a platform has no
    others: for the owner alone."""
    return os.open(path, flags, 0o600)
