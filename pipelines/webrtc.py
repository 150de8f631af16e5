# SPDX-License-Identifier: GPL-3.0-or-later
"""A WebRTC session on this machine alone: a camera and a microphone that come
to show and play a known clip, weir-ingest, a browser that publishes them.
"""
import json
import os
import queue
import subprocess
import threading
import time

from browser import BrowserError

# So much of the game, then all of the launch, then so much of the city.
CLIP_SECOND = 13
AFTER_SECONDS = 7
SIZE = (640, 360)
TOKEN = 'demonstration'
FIT = ('fps=30,scale=%d:%d:force_original_aspect_ratio=decrease,'
       'pad=%d:%d:-1:-1,setsar=1,format=yuvj420p' % (SIZE + SIZE))
SOUND = 'aresample=48000,aformat=channel_layouts=mono'


def render(samples, folder, clip_seen=True, clip_heard=True,
           before=CLIP_SECOND):
    """Makes the files camera.mjpeg and microphone.wav; the clip is in the
    picture or the sound alone when the other is told not to have it, and
    comes after so many seconds."""
    inputs = []
    for name in ('game', 'launch', 'city'):
        inputs += ['-i', '%s/%s.mp4' % (samples, name)]
    clip = '[1:v]' if clip_seen else '[2:v]'
    heard = '[1:a]' if clip_heard else '[0:a]atrim=start=14,'
    graph = ';'.join([
        '[0:v]%s,trim=end=%d[v0]' % (FIT, before),
        '%s%s[v1]' % (clip, FIT),
        '[v0][v1]concat=n=2:v=1[v]',
        '[0:a]%s,atrim=end=%d[a0]' % (SOUND, before),
        '%s%s,asetpts=PTS-STARTPTS[a1]' % (heard, SOUND),
        '[a0][a1]concat=n=2:v=0:a=1,apad=pad_dur=%d[a]' % AFTER_SECONDS])
    subprocess.run(
        ['ffmpeg', '-nostdin', '-v', 'error', '-y', *inputs,
         '-filter_complex', graph,
         '-map', '[v]', '-c:v', 'mjpeg', '-q:v', '3', '-f', 'mjpeg',
         folder + '/camera.mjpeg', '-map', '[a]', folder + '/microphone.wav'],
        check=True, stdin=subprocess.DEVNULL)
    return folder + '/camera.mjpeg', folder + '/microphone.wav'


def build_bank(weir, samples, folder):
    """A bank of the clip, which it lets cut."""
    path = folder + '/launch.weir'
    subprocess.run(
        [weir, 'bank', 'build', '-o', path, '--label', 'demonstration',
         '--list', 'samples', '--max-action', 'cut', samples + '/launch.mp4'],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return path


class Ingest:
    """weir-ingest, and the events that it has printed."""

    def __init__(self, command, bank, folder, address='127.0.0.1',
                 show=None, options=()):
        """Starts it on a free port; show is called with each event."""
        self.events = []
        self.queue = queue.Queue()
        self.show = show
        self.errors = open(folder + '/ingest.err', 'w+', encoding='utf-8')
        self.process = subprocess.Popen(
            [command, '--listen', address + ':0', '--token', TOKEN,
             '--bank', bank, '--max-action', 'cut', '--record', folder,
             '--ice-address', address, *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self.errors, encoding='utf-8')
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        self.url = self._find_url()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _find_url(self):
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None:
            self.errors.seek(0)
            line = self.errors.readline()
            if line.endswith('/\n'):
                return line.split()[-1]
            time.sleep(0.05)
        self.errors.seek(0)
        raise BrowserError('weir-ingest does not start: ' + self.errors.read())

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            event['arrived'] = time.monotonic()
            if self.show:
                self.show(event)
            self.queue.put(event)

    def wait(self, timeout, name, **fields):
        """The next event of this name with these fields. Those before it
        are in events."""
        end = time.monotonic() + timeout
        while True:
            try:
                event = self.queue.get(
                    timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise BrowserError('no %s %s within %g s' % (
                    name, fields, timeout)) from None
            self.events.append(event)
            if event['event'] == name and all(
                    event.get(key) == value for key, value in fields.items()):
                return event

    def count(self, name, **fields):
        """How many such events there were, of those waited for so far."""
        return sum(event['event'] == name and all(
            event.get(key) == value for key, value in fields.items())
            for event in self.events)

    def close(self):
        """Ends it; its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.thread.join(5)
        self.process.stdout.close()
        self.errors.close()
        return status


def publish(browser, url, codec='', token=TOKEN):
    """Opens the page and publishes; returns once it is on air."""
    browser.open(url)
    browser.evaluate('''(() => {
      document.getElementById ('token').value = %s;
      document.getElementById ('codec').value = %s;
      document.getElementById ('publish').click ();
    }) ()''' % (json.dumps(token), json.dumps(codec)))
    browser.wait('["live", "failed"].includes (document.body.dataset.state)',
                 30)
    state = browser.evaluate('document.body.dataset.state')
    if state != 'live':
        raise BrowserError('not published: ' + browser.evaluate(
            'document.getElementById ("notice").innerText'))


def bytes_recorded(folder):
    """The size of the newest recording."""
    files = [os.path.join(folder, name) for name in os.listdir(folder)
             if name.endswith('.mkv')]
    return os.path.getsize(max(files, key=os.path.getmtime)) if files else 0
