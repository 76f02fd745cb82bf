// The decoders, in the order in which they are asked. A new protocol is a file and a line here.

import type { Decoder } from './decoder.ts';
import { dhcpDecoder } from './dhcp.ts';
import { dnsDecoder } from './dns.ts';
import { dnscryptDecoder } from './dnscrypt.ts';
import { dtlsDecoder } from './dtls.ts';
import { httpDecoder } from './http.ts';
import { mdnsDecoder } from './mdns.ts';
import { modbusDecoder } from './modbus.ts';
import { mqttDecoder } from './mqtt.ts';
import { nbnsDecoder } from './nbns.ts';
import { ssdpDecoder } from './ssdp.ts';
import { tlsDecoder } from './tls.ts';

/** Strong first bytes come before those that lean on a port. */
export const DECODERS: readonly Decoder[] = [
  tlsDecoder,
  dtlsDecoder,
  dnscryptDecoder,
  ssdpDecoder,
  httpDecoder,
  dhcpDecoder,
  modbusDecoder,
  mqttDecoder,
  nbnsDecoder,
  mdnsDecoder,
  dnsDecoder,
];
