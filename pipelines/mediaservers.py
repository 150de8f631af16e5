# SPDX-License-Identifier: GPL-3.0-or-later
"""What kick says to a media server, and what that asks kick.

Each server is a class with three methods:

kick(stream)        drops the publisher of APP/NAME; how many were dropped.
                    Raises OSError or ValueError where it cannot be asked now,
                    Impossible where it never can.
read_request(body)  the Publisher that the server asks about, or None when it
                    asks for something else. Raises ValueError for what it
                    cannot be.
answer(denied)      the status and the body of the HTTP answer to that.

Nothing here keeps anything, so any thread may call.
"""
import collections
import http.client
import json
import re
import urllib.error
import urllib.parse
import urllib.request

# stream: APP/NAME; address: of the client, '' where it is not known.
Publisher = collections.namedtuple('Publisher', 'stream address')

ANSWER_MAX = 1 << 20     # bytes
PAGE = 100               # entries of a list asked for at a time
PAGES_MAX = 1000

# The server itself is asked, whatever proxies the environment names.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Impossible(Exception):
    """The server has no words for it."""


def quote(text):
    """As a part of a path or of a query."""
    return urllib.parse.quote(text, safe='')


def request(method, url, timeout):
    """The status and the text of the answer. Raises OSError."""
    asked = urllib.request.Request(url, method=method)
    try:
        with opener.open(asked, timeout=timeout) as answer:
            return answer.status, answer.read(ANSWER_MAX).decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(ANSWER_MAX).decode(errors='replace')
    except http.client.HTTPException as error:
        raise OSError(f'no HTTP comes from there: {error}') from error


class Server:
    """What all have in common."""

    def __init__(self, control, timeout=2.0):
        """control: the address that its requests begin with; timeout: s."""
        self.control = control.rstrip('/')
        self.timeout = timeout

    def ask(self, method, path, expected=(200,)):
        """The status and the text of what is at a path of it."""
        url = self.control + path
        status, text = request(method, url, self.timeout)
        if status not in expected:
            raise OSError(f'{url} answers {status}')
        return status, text

    def answer(self, denied):
        """Most look at the status alone."""
        return (403, 'denied\n') if denied else (200, 'ok\n')


class NginxRtmp(Server):
    """nginx with the RTMP module: its "Control module" and its "on_publish"
    (github.com/arut/nginx-rtmp-module/wiki). control: the location that has
    rtmp_control, as http://127.0.0.1:8080/control."""

    def kick(self, stream):
        application, _, name = stream.partition('/')
        # It takes both as they are, without decoding.
        for text in (application, name):
            if not re.fullmatch(r'[!-~]+', text) or re.search('[#&]', text):
                raise Impossible('nginx cannot be told that name')
        _, text = self.ask('GET', '/drop/publisher?'
                           f'app={application}&name={name}')
        return int(text)

    def read_request(self, body):
        # What the publisher has appended to the name comes last: of a field
        # that is there twice the first one is the server's.
        fields = {}
        for name, value in urllib.parse.parse_qsl(body, True):
            fields.setdefault(name, value)
        if fields.get('call') != 'publish':
            return None
        if not fields.get('app') or not fields.get('name'):
            raise ValueError('an on_publish without app and name')
        return Publisher(f"{fields['app']}/{fields['name']}",
                         fields.get('addr', ''))


class MediaMtx(Server):
    """MediaMTX: its control API (api/openapi.yaml, version 3) and its
    authentication by an external HTTP server. control: the address of the
    API, as http://127.0.0.1:9997. A stream is a path of it."""

    KINDS = ('rtmpconns', 'rtmpsconns', 'srtconns', 'webrtcsessions',
             'rtspsessions', 'rtspssessions')

    def list_all(self, kind):
        """All connections of a kind; none where that is switched off."""
        for page in range(PAGES_MAX):
            status, text = self.ask(
                'GET', f'/v3/{kind}/list?page={page}&itemsPerPage={PAGE}',
                (200, 404))
            found = read_object(text) if status == 200 else {}
            yield from found.get('items', [])
            if page + 1 >= found.get('pageCount', 0):
                return

    def kick(self, stream):
        kicked = 0
        for kind in self.KINDS:
            for one in list(self.list_all(kind)):
                if one.get('state') == 'publish' and one.get('path') == stream:
                    status, _ = self.ask(
                        'POST', f"/v3/{kind}/kick/{quote(one['id'])}",
                        (200, 404))
                    kicked += status == 200
        return kicked

    def read_request(self, body):
        fields = read_object(body)
        if fields.get('action') != 'publish':
            return None
        return Publisher(text_of(fields, 'path'), str(fields.get('ip', '')))


class Srs(Server):
    """SRS: its HTTP API and its HTTP callbacks (ossrs.io, "HTTP API" and
    "HTTP Callback"). control: the address of the API, as
    http://127.0.0.1:1985."""

    def list_all(self):
        """All streams."""
        for page in range(PAGES_MAX):
            _, text = self.ask(
                'GET', f'/api/v1/streams?start={page * PAGE}&count={PAGE}')
            found = read_object(text).get('streams', [])
            yield from found
            if len(found) < PAGE:
                return

    def kick(self, stream):
        kicked = 0
        for one in list(self.list_all()):
            publish = one.get('publish', {})
            if publish.get('active') and stream == \
                    f"{one.get('app')}/{one.get('name')}":
                status, text = self.ask(
                    'DELETE', f"/api/v1/clients/{quote(str(publish['cid']))}",
                    (200, 404))
                kicked += status == 200 and read_object(text)['code'] == 0
        return kicked

    def read_request(self, body):
        fields = read_object(body)
        if fields.get('action') != 'on_publish':
            return None
        return Publisher(f"{text_of(fields, 'app')}/"
                         f"{text_of(fields, 'stream')}",
                         str(fields.get('ip', '')))

    def answer(self, denied):
        """Its errors are numbers in the body."""
        return 200, json.dumps({'code': 1 if denied else 0})


def read_object(text):
    """An object in JSON."""
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise ValueError('too deep') from error
    if not isinstance(found, dict):
        raise ValueError('not an object')
    return found


def text_of(fields, name):
    """A field that there must be."""
    if not isinstance(fields.get(name), str) or not fields[name]:
        raise ValueError(f'a request to publish without {name}')
    return fields[name]


SERVERS = {'nginx-rtmp': NginxRtmp, 'mediamtx': MediaMtx, 'srs': Srs}
