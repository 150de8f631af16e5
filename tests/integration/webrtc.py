#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real browser publishes to weir-ingest, comes to show or play a known clip,
and is cut.

Usage: webrtc.py [--show DIRECTORY] BUILD ROOT CASE

CASE names a row of CASES. With --show the page is photographed in each state.
Exit status 77: skipped.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

# How long after the clip's first frame it may be flagged, and the page may
# take to say that it was cut, s, on a machine that is busy with other things.
# What it takes is printed.
DELAY_MAX = 9.0
TOLD_MAX = 5.0
# When the clip begins; a pause and a change of size come before, s.
CLIP_SECOND = 10
# How many pictures are sent and recorded before the clip, within how long, s.
FRAMES_SENT = 30
CLEAN_MAX = 10.0

# What is in the picture and what in the sound, and what the way does to them.
CASES = {
    'video': {'heard': False, 'media': ('video',)},
    'audio': {'seen': False, 'media': ('audio',)},
    'vp9': {'codec': 'VP9'},
    'loss': {'way': {'loss': 0.15}},
    'jitter': {'way': {'delay': 0.05, 'jitter': 0.1}},
    'narrow': {'way': {'rate': 500e3, 'delay': 0.02}},
    'changes-vp8': {'codec': 'VP8', 'changes': True},
    'changes-h264': {'codec': 'H264', 'changes': True},
}


def skip(why):
    """Ends the test as skipped."""
    print('skipped:', why)
    sys.exit(77)


def parse():
    """The arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--show')
    parser.add_argument('build')
    parser.add_argument('root')
    parser.add_argument('case', choices=CASES)
    return parser.parse_args()


class Failed(Exception):
    """Something is not as it has to be."""


def check(holds, text):
    """Fails with the text unless it holds."""
    if not holds:
        raise Failed(text)
    print('ok', text)


def photograph(browser, folder, name):
    """The page as it is now, in both colours and on a phone."""
    if not folder:
        return
    for scheme in ('light', 'dark'):
        browser.look(scheme=scheme)
        time.sleep(0.3)
        browser.screenshot('%s/%s-%s.png' % (folder, name, scheme))
    browser.look(width=390, height=844, mobile=True)
    time.sleep(0.3)
    browser.screenshot('%s/%s-phone.png' % (folder, name))
    browser.look()


def check_clean(browser, ingest, folder):
    """The part before the clip passes, and is recorded as it does."""
    before = webrtc.bytes_recorded(folder)
    frames = 'session.connection.getStats ().then (all => [...all.values ()]'\
        '.find (one => one.type === "outbound-rtp" && one.kind === "video")'\
        '.framesSent)'
    enough = browser.evaluate(frames) + FRAMES_SENT
    browser.wait('%s.then (sent => sent > %d)' % (frames, enough), CLEAN_MAX)
    print('ok frames are sent')
    deadline = time.monotonic() + CLEAN_MAX
    while webrtc.bytes_recorded(folder) <= before:
        if time.monotonic() > deadline:
            raise Failed('they are recorded')
        time.sleep(0.1)
    print('ok they are recorded')
    check(ingest.process.poll() is None, 'the ingest runs')


def check_changes(browser):
    """The sound is muted and the picture pauses for a second; then both go
    on, and a second later the picture halves its size. That size."""
    half = browser.evaluate('''(async () => {
      const wait = ms => new Promise (done => setTimeout (done, ms));
      const [sound, picture] = ['audio', 'video'].map (kind => session
        .connection.getSenders ().find (one => one.track.kind === kind));
      const track = picture.track;
      sound.track.enabled = false;
      await picture.replaceTrack (null);
      await wait (1000);
      await picture.replaceTrack (track);
      sound.track.enabled = true;
      await wait (1000);
      const parameters = picture.getParameters ();
      parameters.encodings[0].scaleResolutionDownBy = 2;
      parameters.degradationPreference = 'maintain-resolution';
      await picture.setParameters (parameters);
      return track.getSettings ().width / 2;
    }) ()''')
    browser.wait('''session.connection.getStats ().then (all =>
      [...all.values ()].find (one =>
        one.type === "outbound-rtp" && one.kind === "video")
      .frameWidth === %d)''' % half, 5)
    print('ok the picture is %d wide now' % half)
    return half


def watch_losses(browser):
    """Has the page count the packets that it is asked for again."""
    browser.evaluate('''window.asked = 0; setInterval (async () => {
      const all = session ? await session.connection.getStats () : new Map ();
      for (const one of all.values ())
        if (one.type === "outbound-rtp" && one.kind === "video")
          window.asked = one.nackCount;
    }, 100)''')


def check_recording(folder, width, lost):
    """All that is recorded plays: some of it of that width, some not. A busy
    machine loses packets, and then a picture may be damaged."""
    name = [name for name in os.listdir(folder) if name.endswith('.mkv')][0]
    out = subprocess.run(
        ['ffprobe', '-v', 'error', '-select_streams', 'v', '-show_entries',
         'frame=width', '-of', 'csv=p=0', os.path.join(folder, name)],
        capture_output=True, check=True, encoding='utf-8')
    widths = [int(line.strip(',')) for line in out.stdout.split()]
    check(0 < widths.count(width) < len(widths),
          'the recording plays, %s wide' % sorted(set(widths)))
    check(lost or not out.stderr, '%d lines of errors, %d packets lost' % (
        len(out.stderr.splitlines()), lost))


def check_match(ingest, case):
    """The clip is recognised in time, and cut."""
    flag = ingest.wait(40, 'weir-match', state='started')
    delay = (flag['decided-at'] - flag['running-time'] +
             flag['reference-start']) / 1e9
    check(flag['reference'] == 'launch', 'the clip is what is recognised')
    check(flag['media'] in case.get('media', ('video', 'audio', 'both')),
          'recognised by %s' % flag['media'])
    check(0 < delay < DELAY_MAX,
          'flagged %.2f s after its first frame, latency %.2f s' % (
              delay, flag['latency'] / 1e9))
    return ingest.wait(15, 'weir-cut')


def check_cut(browser, ingest, cut):
    """The page says that it was cut, and the token is refused."""
    browser.wait('document.body.dataset.state === "cut"', 5)
    told = time.monotonic() - cut['arrived']
    check(told < TOLD_MAX, 'the page says so %.2f s after the cut' % told)
    end = ingest.wait(10, 'weir-session', state='ended')
    check(end['reason'] == 'cut', 'the session ended with it')
    check(browser.evaluate('session === null'), 'nothing is published now')
    check('refused for 1 hour' in browser.evaluate(
        'document.getElementById ("notice").innerText'), 'and for how long')


def check_refused(browser, ingest):
    """The same token is refused, with words for it."""
    try:
        webrtc.publish(browser, ingest.url)
    except BrowserError as error:
        check('403' in str(error), 'the same token is refused: %s' % error)
    else:
        raise Failed('the same token is taken')


def run(arguments, case, folder, address):
    """The whole of a case. The browser is started last, in the network that
    the caller has made for it."""
    samples = arguments.root + '/samples'
    bank = webrtc.build_bank(
        arguments.build + '/src/cli/weir', samples, folder)
    video, audio = webrtc.render(
        samples, folder, case.get('seen', True), case.get('heard', True),
        CLIP_SECOND)
    command = arguments.build + '/src/cli/ingest/weir-ingest'
    with webrtc.Ingest(command, bank, folder, address) as ingest:
        with way.between(case.get('way')), \
                Browser(video, audio, origin=ingest.url) as browser:
            browser.open(ingest.url)
            photograph(browser, arguments.show, 'ready')
            webrtc.publish(browser, ingest.url, case.get('codec', ''))
            ingest.wait(20, 'weir-status', state='active')
            check_clean(browser, ingest, folder)
            photograph(browser, arguments.show, 'live')
            watch_losses(browser)
            half = case.get('changes') and check_changes(browser)
            check(not ingest.count('weir-match'), 'nothing is recognised yet')
            cut = check_match(ingest, case)
            check_cut(browser, ingest, cut)
            if half:
                check_recording(folder, half, browser.evaluate('asked'))
            photograph(browser, arguments.show, 'cut')
            check_refused(browser, ingest)
            photograph(browser, arguments.show, 'refused')
        check(ingest.close() == 0, 'the ingest ends in peace')


def main():
    """Exit status: 0, 1 failed, 77 skipped."""
    arguments = parse()
    case = CASES[arguments.case]
    address = '127.0.0.1'
    if case.get('way'):
        address = way.enter_server()
        if not address:
            skip('no right to make networks')
    try:
        with tempfile.TemporaryDirectory(prefix='weir-webrtc.') as folder:
            run(arguments, case, folder, address)
    except (BrowserError, Failed) as error:
        print('FAILED:', error)
        return 1
    return 0


if not shutil.which('chromium') or not shutil.which('ffmpeg'):
    skip('chromium or ffmpeg is not installed')
try:
    import websockets  # noqa: F401
except ImportError:
    skip('python3-websockets is not installed')
sys.path.insert(0, os.path.join(os.path.dirname(
    os.path.abspath(__file__)), '../../pipelines'))
from browser import Browser, BrowserError  # noqa: E402
import webrtc  # noqa: E402
import way  # noqa: E402

if __name__ == '__main__':
    sys.exit(main())
