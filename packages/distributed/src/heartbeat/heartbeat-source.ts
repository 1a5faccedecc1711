/**
 * The program of the thread that answers heartbeats, as plain JavaScript: so it runs from sources and from the build alike, and loads
 * nothing. Each connection asks once, with a line that holds the token or nothing, and gets one line of JSON.
 */
export const heartbeatSource = `'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { createHash, timingSafeEqual } = require('node:crypto');
const { self, token, tls, host, port, mostBytes, mostConnections, patience } = workerData;

const digest = (text) => createHash('sha256').update(text).digest();
const expected = token === undefined ? undefined : digest(token);
const answer = (line) =>
  !expected || timingSafeEqual(expected, digest(line)) ? self : { refused: true };

const serve = (socket) => {
  let asked = '';
  socket.setEncoding('utf8');
  socket.setTimeout(patience, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (text) => {
    asked += text;
    const end = asked.indexOf('\\n');
    if (end >= 0) socket.end(JSON.stringify(answer(asked.slice(0, end))) + '\\n');
    else if (asked.length > mostBytes) socket.destroy();
  });
};

const server = tls
  ? require('node:tls').createServer({ ...tls, handshakeTimeout: patience }, serve)
  : require('node:net').createServer(serve);
server.maxConnections = mostConnections;
server.on('error', (error) => parentPort.postMessage({ error: error.message }));
server.listen(port, host, () => parentPort.postMessage({ port: server.address().port }));
`;
