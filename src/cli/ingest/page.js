// SPDX-License-Identifier: GPL-3.0-or-later
// Publishes a camera, the screen or a file by WHIP (RFC 9725), and shows what
// becomes of it. A session's events come from its URL + "/events".
'use strict';

const $ = (id) => document.getElementById(id);
const samplesMax = 120;

const words = {
  idle: 'Ready',
  asking: 'Waiting for the source',
  connecting: 'Connecting',
  live: 'On air',
  ended: 'Ended',
  cut: 'Cut',
  failed: 'Not published',
};

// What is published now; null when nothing is.
let session = null;

function log (text, bad = false) {
  const row = document.createElement ('li');
  const time = document.createElement ('time');
  const what = document.createElement ('span');
  time.textContent = new Date ().toLocaleTimeString ([], { hour12: false });
  what.textContent = text;
  row.append (time, what);
  row.classList.toggle ('bad', bad);
  $('log').prepend (row);
}

function show (state, title = '', text = '') {
  const busy = ['asking', 'connecting', 'live'].includes (state);
  document.body.dataset.state = state;
  $('word').textContent = words[state];
  $('publish').disabled = busy;
  $('stop').disabled = !busy;
  for (const id of ['source', 'file', 'token', 'codec', 'limit'])
    $(id).disabled = busy;
  $('notice').hidden = !title;
  $('notice-title').textContent = title;
  $('notice-text').textContent = text;
  $('placeholder').hidden = Boolean (title) || Boolean ($('preview').srcObject);
}

// ---- sources ----

async function openFile () {
  const file = $('file').files[0];
  if (!file)
    throw new Error ('Choose a file first.');
  const player = document.createElement ('video');
  player.src = URL.createObjectURL (file);
  // What is not muted is heard; the sound goes out through the graph alone.
  const context = new AudioContext ();
  const sound = context.createMediaStreamDestination ();
  context.createMediaElementSource (player).connect (sound);
  await context.resume ();
  await player.play ();
  const stream = player.captureStream ();
  player.onended = () => stop ('The file has ended.');
  const media = new MediaStream ([
    ...stream.getVideoTracks (), ...sound.stream.getAudioTracks ()]);
  media.release = () => {
    player.pause ();
    URL.revokeObjectURL (player.src);
    context.close ();
  };
  return media;
}

async function openSource () {
  const kind = document.querySelector ('[name=source]:checked').value;
  if (kind === 'file')
    return openFile ();
  if (kind === 'screen')
    return navigator.mediaDevices.getDisplayMedia ({ video: true, audio: true });
  return navigator.mediaDevices.getUserMedia ({
    video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
}

// ---- WHIP ----

function preferCodec (transceiver) {
  const wanted = $('codec').value;
  const all = RTCRtpSender.getCapabilities ('video').codecs;
  const isWanted = (codec) => codec.mimeType.toUpperCase () === `VIDEO/${wanted}`;
  const isRepair = (codec) => /rtx|red|ulpfec/i.test (codec.mimeType);
  if (!wanted)
    return;
  if (!all.some (isWanted))
    throw new Error (`This browser does not send ${wanted}.`);
  transceiver.setCodecPreferences (all.filter ((codec) => isWanted (codec) || isRepair (codec)));
}

function addTracks (connection, media) {
  const limit = Number ($('limit').value) * 1000;
  for (const track of media.getTracks ()) {
    const encoding = track.kind === 'video' && limit ? { maxBitrate: limit } : {};
    const transceiver = connection.addTransceiver (track, {
      direction: 'sendonly', streams: [media], sendEncodings: [encoding] });
    if (track.kind === 'video')
      preferCodec (transceiver);
    track.onended = () => stop ('The source was closed.');
  }
}

function headers (more) {
  const token = $('token').value.trim ();
  return token ? { Authorization: `Bearer ${token}`, ...more } : more;
}

async function offer (mine) {
  await mine.connection.setLocalDescription ();
  const answer = await fetch ('whip', {
    method: 'POST',
    headers: headers ({ 'Content-Type': 'application/sdp' }),
    body: mine.connection.localDescription.sdp,
  }).catch (() => { throw new Error ('The server does not answer.'); });
  const text = await answer.text ();
  if (answer.status !== 201)
    throw new Error (`${answer.status}: ${text.trim ()}.`);
  mine.url = new URL (answer.headers.get ('Location'), answer.url);
  mine.tag = answer.headers.get ('ETag');
  await mine.connection.setRemoteDescription ({ type: 'answer', sdp: text });
  mine.connection.getSenders ()[0].transport.onstatechange = () => onTransport (mine);
}

// Candidates that are found once the offer is out; all that are there at a time
// go in one request.
async function trickle (mine) {
  if (!mine.url || mine.sending || !mine.candidates.length)
    return;
  mine.sending = true;
  const lines = mine.connection.localDescription.sdp.split ('\r\n');
  const pick = (start) => lines.find ((line) => line.startsWith (start));
  const batch = mine.candidates.splice (0);
  const body = [pick ('a=group:BUNDLE'), pick ('a=ice-ufrag:'), pick ('a=ice-pwd:'),
    pick ('m='), pick ('a=mid:'), ...batch.map ((candidate) => `a=${candidate}`), ''];
  try {
    await fetch (mine.url, {
      method: 'PATCH',
      headers: headers ({
        'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': mine.tag }),
      body: body.join ('\r\n'),
    });
  } catch {
    // Those that the server has may do.
  } finally {
    mine.sending = false;
  }
  trickle (mine);
}

// ---- what becomes of it ----

function duration (seconds) {
  const parts = [[3600, 'hour'], [60, 'minute'], [1, 'second']];
  const [unit, name] = parts.find (([size]) => seconds >= size && seconds % size === 0);
  const count = seconds / unit;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

function sentence (text) {
  return `${text[0].toUpperCase ()}${text.slice (1)}.`;
}

function onEvent (mine, event) {
  const state = JSON.parse (event.data);
  if (session !== mine)
    return;
  if (state.state === 'cut') {
    const wait = state['denied-for'];
    log ('The stream was cut.', true);
    release (mine);
    show ('cut', 'This stream was cut.',
      'It was recognised as content that must not be published.' +
      (wait ? ` This token is refused for ${duration (wait)}.` : ''));
  } else if (state.state === 'ended') {
    release (mine);
    log (`The server ended it: ${state.reason}.`, true);
    show ('failed', 'The server ended this stream.', sentence (state.reason));
  }
}

function listen (mine) {
  mine.events = new EventSource (`${mine.url}/events`);
  mine.events.onmessage = (event) => onEvent (mine, event);
}

function onConnection (mine) {
  const state = mine.connection.connectionState;
  if (session !== mine)
    return;
  if (state === 'connected') {
    mine.since ??= Date.now ();
    show ('live');
    log ('Connected.');
  } else if (state === 'disconnected') {
    log ('Nothing comes back from the server.');
  } else if (state === 'failed') {
    finish (mine);
    show ('failed', 'The connection broke.', 'Publish again to go on.');
    log ('The connection broke.', true);
  }
}

// Without a word on the channel, closing DTLS is the server's word for the end.
function onTransport (mine) {
  const transport = mine.connection.getSenders ()[0].transport;
  if (transport.state !== 'closed')
    return;
  setTimeout (() => {
    if (session !== mine)
      return;
    release (mine);
    show ('failed', 'The server ended this stream.');
    log ('The server ended it.', true);
  }, 1000);
}

// ---- figures ----

function draw (samples) {
  const top = Math.max (...samples, 1);
  const points = samples.map ((value, i) =>
    `${samplesMax - samples.length + i + 1},${(31 - 29 * value / top).toFixed (1)}`);
  const first = samplesMax - samples.length + 1;
  $('line').setAttribute ('d', `M${points.join ('L')}`);
  $('area').setAttribute ('d', `M${first},32L${points.join ('L')}L${samplesMax},32Z`);
}

function showFigures (mine, stats) {
  const codecs = [];
  let bytes = 0;
  stats.forEach ((report) => {
    if (report.type === 'outbound-rtp') {
      const codec = stats.get (report.codecId);
      bytes += report.bytesSent;
      if (codec)
        codecs[report.kind === 'video' ? 'unshift' : 'push'] (codec.mimeType.split ('/')[1]);
      if (report.kind === 'video' && report.frameWidth)
        $('picture').textContent =
          `${report.frameWidth}×${report.frameHeight}, ${report.framesPerSecond ?? 0}/s`;
    } else if (report.type === 'remote-inbound-rtp' && report.kind === 'video') {
      $('rtt').textContent = report.roundTripTime === undefined ? '–'
        : `${(report.roundTripTime * 1000).toFixed (0)} ms`;
      $('lost').textContent = `${((report.fractionLost ?? 0) * 100).toFixed (1)} %`;
    }
  });
  const now = performance.now ();
  const rate = mine.at ? (bytes - mine.bytes) * 8 / (now - mine.at) : 0;
  Object.assign (mine, { at: now, bytes });
  mine.samples = [...mine.samples, rate].slice (-samplesMax);
  const seconds = Math.floor ((Date.now () - mine.since) / 1000);
  $('bitrate').textContent = `${rate.toFixed (0)} kbit/s`;
  $('codecs').textContent = codecs.join (' + ') || '–';
  $('time').textContent =
    `${Math.floor (seconds / 60)}:${String (seconds % 60).padStart (2, '0')}`;
  draw (mine.samples);
}

async function measure (mine) {
  if (session === mine && mine.since)
    showFigures (mine, await mine.connection.getStats ());
}

// ---- beginning and end ----

// What was sent last is not shown any more: it may be what it was cut for.
function release (mine) {
  session = null;
  clearInterval (mine.timer);
  mine.events?.close ();
  mine.connection.close ();
  mine.media?.getTracks ().forEach ((track) => track.stop ());
  mine.media?.release?.();
  $('preview').srcObject = null;
}

function finish (mine) {
  release (mine);
  if (mine.url)
    fetch (mine.url, { method: 'DELETE', headers: headers ({}), keepalive: true }).catch (() => {});
}

function stop (why) {
  const mine = session;
  if (!mine)
    return;
  finish (mine);
  show ('ended');
  log (why);
}

async function publish () {
  const mine = { connection: new RTCPeerConnection (), candidates: [], samples: [] };
  session = mine;
  show ('asking');
  try {
    mine.media = await openSource ();
    if (session !== mine) {
      release (mine);
      return;
    }
    $('preview').srcObject = mine.media;
    $('preview').play ().catch (() => {});
    show ('connecting');
    mine.connection.onconnectionstatechange = () => onConnection (mine);
    mine.connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate)
        mine.candidates.push (candidate.candidate);
      trickle (mine);
    };
    addTracks (mine.connection, mine.media);
    await offer (mine);
    listen (mine);
    trickle (mine);
    mine.timer = setInterval (() => measure (mine), 1000);
  } catch (error) {
    if (session !== mine)
      return;
    finish (mine);
    show ('failed', 'This stream was not taken.', error.message);
    log (error.message, true);
  }
}

$('controls').addEventListener ('submit', (event) => {
  event.preventDefault ();
  publish ();
});
$('stop').addEventListener ('click', () => stop ('Stopped.'));
for (const input of document.querySelectorAll ('[name=source]'))
  input.addEventListener ('change', () => { $('file-row').hidden = input.value !== 'file'; });
addEventListener ('pagehide', () => stop ('Left.'));
if (!navigator.mediaDevices)
  show ('failed', 'This page cannot reach a camera.',
    'Browsers allow that over HTTPS and on this machine (http://127.0.0.1) alone.');
