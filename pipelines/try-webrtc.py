# SPDX-License-Identifier: GPL-3.0-or-later
"""What pipelines/try-webrtc runs once everything is set up.

Usage: try-webrtc.py BUILD ROOT SCREENSHOTS
"""
import sys
import tempfile
import time

from browser import Browser, BrowserError
import webrtc


def clock(nanoseconds):
    """Minutes, seconds and tenths; blanks for a time that is not known."""
    if nanoseconds is None:
        return ' ' * 7
    tenths = nanoseconds // 100000000
    return '%02d:%02d.%d' % (tenths // 600, tenths // 10 % 60, tenths % 10)


def show(event):
    """One line for an event."""
    name = event['event']
    time_known = event.get('decided-at', event.get('running-time'))
    if name == 'weir-match':
        text = '%s by %s, %s, confidence %.3f, reference at %s (%s)' % (
            event['reference'], event['media'], event['verdict'],
            event['confidence'], clock(event['reference-start']),
            event['state'])
    elif name == 'weir-session':
        text = ' '.join(
            (event['state'], event['media'], event['reason'])).rstrip()
    elif name == 'weir-cut':
        text = 'the stream ends here: ' + event['reason']
    elif name == 'weir-bank':
        text = '%d references' % event['references']
    else:
        text = ' '.join((event['state'], event['reason'])).rstrip()
    print('%s  %-12s  %s' % (clock(time_known), name, text), flush=True)


def run(build, root, folder, pictures):
    """From the first picture to the cut."""
    bank = webrtc.build_bank(
        build + '/src/cli/weir', root + '/samples', folder)
    video, audio = webrtc.render(root + '/samples', folder)
    command = build + '/src/cli/ingest/weir-ingest'
    with webrtc.Ingest(command, bank, folder, show=show) as ingest, \
            Browser(video, audio) as browser:
        print('\n%s is published to by a browser; the clip begins at second '
              '%d\n' % (ingest.url, webrtc.CLIP_SECOND), flush=True)
        webrtc.publish(browser, ingest.url)
        time.sleep(4)
        browser.screenshot(pictures + '/webrtc-live.png')
        cut = ingest.wait(60, 'weir-cut')
        browser.wait('document.body.dataset.state === "cut"', 5)
        told = time.monotonic() - cut['arrived']
        browser.screenshot(pictures + '/webrtc-cut.png')
        ingest.wait(10, 'weir-session', state='ended')
        match = [event for event in ingest.events
                 if event['event'] == 'weir-match'][0]
        print('\nmatched     %s, by %s' % (match['reference'], match['media']))
        print('decided     %.1f s after the clip\'s first frame' % (
            (match['decided-at'] - match['running-time'] +
             match['reference-start']) / 1e9))
        print('told        the page knew %.1f s after the cut' % told)
        print('recorded    %d bytes, up to the cut' %
              webrtc.bytes_recorded(folder))
        print('screenshots %s/webrtc-live.png and webrtc-cut.png' % pictures)


def main():
    """Exit status: 0 when the stream was cut and the page knew of it."""
    build, root, pictures = sys.argv[1:]
    try:
        with tempfile.TemporaryDirectory(prefix='weir-webrtc.') as folder:
            run(build, root, folder, pictures)
    except BrowserError as error:
        print('try-webrtc: %s' % error, file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
