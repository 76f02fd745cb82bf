// DNSCrypt: its encrypted answers, which begin with eight fixed bytes. Source: DNSCrypt protocol, version 2.
// Not its questions, which begin with bytes that each server chooses; the question for certificates is plain DNS (dns.ts).

import { addName, type Decoder, noOperation } from './decoder.ts';
import { isDnscryptAnswer } from './hiding.ts';

export const dnscryptDecoder: Decoder = {
  protocol: 'dnscrypt',
  isOverTcp: false,
  isOverUdp: true,
  firstBytes: [0x72],
  claims: isDnscryptAnswer,
  decode: (span, found) => {
    addName(found, {
      kind: 'hides-names',
      name: 'dnscrypt',
      value: 'encrypted answer',
      address: null,
      ttlSeconds: 0,
      isFromServer: true,
    });
    return span.to - span.from;
  },
  operationText: noOperation,
};
