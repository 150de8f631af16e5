# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium that a program drives by the DevTools protocol.

Its camera and its microphone play files. Needs Debian's chromium and
python3-websockets.
"""
import asyncio
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request

import websockets

START_TIMEOUT = 60
CALL_TIMEOUT = 30
# Media over the loopback, from a camera and a microphone that need no leave.
FLAGS = [
    '--headless=new', '--disable-gpu', '--no-first-run', '--mute-audio',
    '--disable-dev-shm-usage', '--disable-extensions', '--disable-sync',
    '--disable-background-networking', '--disable-component-update',
    '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
    '--auto-accept-this-tab-capture',
    '--autoplay-policy=no-user-gesture-required',
    '--allow-loopback-in-peer-connection',
    '--disable-features=WebRtcHideLocalIpsWithMdns',
    '--remote-debugging-port=0', '--window-size=1180,860',
]


class BrowserError(Exception):
    """The browser did not do what it was asked to."""


class Browser:
    """One browser with one page."""

    def __init__(self, video=None, audio=None, origin=None):
        """Starts it; video (.mjpeg or .y4m) and audio (.wav) are played in a
        loop. The pages of origin may use them even without TLS."""
        self.folder = tempfile.mkdtemp(prefix='weir-browser.')
        self.loop = asyncio.new_event_loop()
        self.socket = None
        self.number = 0
        flags = list(FLAGS)
        if os.geteuid() == 0:
            flags.append('--no-sandbox')
        if video:
            flags.append('--use-file-for-fake-video-capture=' + video)
        if audio:
            flags.append('--use-file-for-fake-audio-capture=' + audio)
        if origin:
            flags.append('--unsafely-treat-insecure-origin-as-secure=' +
                         origin.rstrip('/'))
        with open(self.folder + '/log', 'wb') as log:
            self.process = subprocess.Popen(
                ['chromium', '--user-data-dir=' + self.folder,
                 *flags, 'about:blank'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _page_address(self):
        """The address of the page's DevTools socket, or None."""
        try:
            with open(self.folder + '/DevToolsActivePort',
                      encoding='ascii') as file:
                port = int(file.readline())
        except (OSError, ValueError):
            return None
        url = 'http://127.0.0.1:%d/json/list' % port
        with urllib.request.urlopen(url, timeout=5) as answer:
            targets = json.load(answer)
        for target in targets:
            if target['type'] == 'page':
                return target['webSocketDebuggerUrl']
        return None

    def _connect(self):
        end = time.monotonic() + START_TIMEOUT
        address = None
        while not address:
            if self.process.poll() is not None or time.monotonic() > end:
                with open(self.folder + '/log', encoding='utf-8',
                          errors='replace') as log:
                    raise BrowserError(
                        'chromium does not start: ' + log.read()[-500:])
            time.sleep(0.1)
            address = self._page_address()
        self.socket = self._run(self._open(address))
        self.call('Page.enable')
        self.call('Runtime.enable')

    @staticmethod
    async def _open(address):
        return await websockets.connect(
            address, max_size=None, ping_interval=None)

    def _run(self, what):
        async def bounded():
            return await asyncio.wait_for(what, CALL_TIMEOUT)
        return self.loop.run_until_complete(bounded())

    async def _exchange(self, number, message):
        await self.socket.send(message)
        while True:
            answer = json.loads(await self.socket.recv())
            if answer.get('id') == number:
                return answer

    def call(self, method, **parameters):
        """Calls a method of the protocol and returns its result."""
        self.number += 1
        message = json.dumps({'id': self.number, 'method': method,
                              'params': parameters})
        answer = self._run(self._exchange(self.number, message))
        if 'error' in answer:
            raise BrowserError('%s: %s' % (method, answer['error']))
        return answer['result']

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page, as a click of the
        user would get it."""
        answer = self.call('Runtime.evaluate', expression=expression,
                           returnByValue=True, awaitPromise=True,
                           userGesture=True)
        if 'exceptionDetails' in answer:
            raise BrowserError('%s: %s' % (
                expression, answer['exceptionDetails'].get('exception')))
        return answer['result'].get('value')

    def wait(self, expression, timeout):
        """Waits until the expression is true and returns its value."""
        end = time.monotonic() + timeout
        while True:
            value = self.evaluate(expression)
            if value:
                return value
            if time.monotonic() > end:
                raise BrowserError('not within %g s: %s; the page says %r' % (
                    timeout, expression,
                    self.evaluate('document.body.innerText')))
            time.sleep(0.1)

    def open(self, url):
        """Goes to a page and waits until it is there."""
        self.call('Page.navigate', url=url)
        self.wait('location.href === %s && document.readyState === "complete"'
                  % json.dumps(url), CALL_TIMEOUT)

    def look(self, width=1180, height=860, scheme='light', mobile=False):
        """Sets the size of the window and the colours."""
        self.call('Emulation.setDeviceMetricsOverride', width=width,
                  height=height, deviceScaleFactor=1, mobile=mobile)
        self.call('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': scheme}])

    def screenshot(self, path):
        """Writes what the page looks like as PNG."""
        data = self.call('Page.captureScreenshot', format='png')['data']
        with open(path, 'wb') as file:
            file.write(base64.b64decode(data))

    def close(self):
        """Ends the browser and removes its files."""
        if self.socket:
            try:
                self._run(self.socket.close())
            except (OSError, asyncio.TimeoutError,
                    websockets.WebSocketException):
                pass
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)
