// HTTP requests made by hand: hosts, heads that are not whole, bodies, and look-alikes.

import { describe, expect, test } from 'vitest';
import { NEEDS_MORE, NOT_MINE } from './decoder.ts';
import { httpDecoder } from './http.ts';
import { bytes, decodeOnce, namesOf, span } from './inspect.testing.ts';

const OVER_TCP = { isTcp: true, isFinal: false };

describe('httpDecoder', () => {
  test.each([
    ['GET / HTTP/1.1\r\nHost: A.example.com\r\n\r\n', 'http-host A.example.com'],
    ['GET / HTTP/1.0\nhost:b.example.com. \n\n', 'http-host b.example.com'],
    ['M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n', 'http-host 239.255.255.250:1900'],
    ['POST /x HTTP/1.1\r\nX: host: no\r\nHost: c\r\nHost: d\r\n\r\n', 'http-host c'],
    ['GET / HTTP/1.1\r\nHost: e\r\nAccept', 'http-host e'],
    ['GET / HTTP/1.1\r\nHost: f\x1b[2J\r\n\r\n', 'http-host f\\x1b[2J'],
  ])('reads %j', (text, name) => {
    expect(namesOf(decodeOnce(httpDecoder, bytes(text), OVER_TCP).found)).toEqual([name]);
  });

  const SPOKEN = { ...OVER_TCP, application: 'http' };

  test.each([
    ['\r\nGET', SPOKEN, 2],
    ['\nGET', SPOKEN, 1],
    ['\r', SPOKEN, NEEDS_MORE],
    ['\r', { ...SPOKEN, isFinal: true }, NOT_MINE],
    ['\r GET\n', SPOKEN, NOT_MINE],
    ['\r\nGET', { ...SPOKEN, isFromFirstSpeaker: false }, NOT_MINE],
  ])('passes over an empty line before a request: %j', (text, more, length) => {
    const said = decodeOnce(httpDecoder, bytes(text), more);
    expect([said.length, said.found.operations]).toEqual([length, []]);
  });

  test('waits for the Host line', () => {
    expect(decodeOnce(httpDecoder, bytes('GET / HT'), OVER_TCP).length).toBe(NEEDS_MORE);
    expect(decodeOnce(httpDecoder, bytes('GET / HTTP/1.1\r\nHost: half'), OVER_TCP).length).toBe(NEEDS_MORE);
  });

  test('takes the announced body with the head, so that no body passes for a request', () => {
    const head = 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n';
    const { length, found } = decodeOnce(httpDecoder, bytes(head, 'GET / HTTP/1.1\r\nHost: b\r\n\r\n'), OVER_TCP);
    expect(length).toBe(head.length + 1000);
    expect(namesOf(found)).toEqual(['http-host a']);
  });

  test.each(['OPTIONS sip:a SIP/2.0\r\n', 'OPTIONS rtsp://a RTSP/1.0\r\n', 'GET nothing\r\n'])('refuses %j', (text) => {
    expect(decodeOnce(httpDecoder, bytes(text), OVER_TCP).length).toBe(NOT_MINE);
  });

  test.each([
    ['GET / HTTP/1.1', true, 1900, true],
    ['BASELINE-CONTROL / HTTP/1.1', true, 80, true],
    ['SSTP_DUPLEX_POST / HTTP/1.1', true, 80, true],
    ['SSTP_DUPLEX_POST_ / HTTP/1.1', true, 80, false],
    ['\r\nGET / HTTP/1.1', true, 80, false],
    ['get / HTTP/1.1', true, 80, false],
    ['GETX / HTTP/1.1', true, 80, false],
    ['HTTP/1.1 200 OK', true, 80, false],
    ['NOTIFY * HTTP/1.1', false, 1900, true],
    ['NOTIFY * HTTP/1.1', false, 1901, false],
  ])('claims %j (TCP %s, port %d): %s', (text, isTcp, destinationPort, isClaimed) => {
    expect(httpDecoder.claims(span(bytes(text), { isTcp, destinationPort }))).toBe(isClaimed);
  });
});
