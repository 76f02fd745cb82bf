// Operations of every capture against the truth that an independent tool made.

import { describe, expect, test } from 'vitest';
import { differences, HAS_TRAFFIC, readFacts, truthRows } from './capture-facts.testing.ts';

/** MQTT on a port that the tool does not look at; ours is told by its CONNECT. */
const ON_ANOTHER_PORT = [
  '+ app/coap_mqtt.pcap,mqtt,192.168.56.1,192.168.56.101,17501,1',
  '+ app/coap_mqtt.pcap,mqtt,192.168.56.1,192.168.56.101,17501,3',
  '+ app/coap_mqtt.pcap,mqtt,192.168.56.1,192.168.56.101,17501,4',
  '+ app/coap_mqtt.pcap,mqtt,192.168.56.1,192.168.56.101,17501,8',
  '+ app/coap_mqtt.pcap,mqtt,192.168.56.101,192.168.56.1,53528,2',
  '+ app/coap_mqtt.pcap,mqtt,192.168.56.101,192.168.56.1,53528,3',
  '+ app/coap_mqtt.pcap,mqtt,192.168.56.101,192.168.56.1,53528,4',
  '+ app/coap_mqtt.pcap,mqtt,192.168.56.101,192.168.56.1,53528,9',
];

/** No IP at all: BACnet straight on Ethernet, which no rule can name. */
const WITHOUT_IP = [
  '- ics/bacnet_services.pcap.gz,bacnet,,,,1//0',
  '- ics/bacnet_services.pcap.gz,bacnet,,,,1//6',
  '- ics/bacnet_services.pcap.gz,bacnet,,,,1//7',
  '- ics/bacnet_services.pcap.gz,bacnet,,,,1//8',
];

/** Answers that came out of order, which the tool does not dissect. */
const OUT_OF_ORDER = ['~ ics/s7comm_clean.pcap.gz,s7comm,192.168.0.2,192.168.0.21,65371,3/0x04: 2637; 2625'];

/** The tool dissects no payload of this capture; ours reads it. */
const NOT_DISSECTED = 'ics/EIP-ControlProtocolChangeAttempt.pcap.gz';

const title = HAS_TRAFFIC ? '' : ' (the shared traffic is not there)';

describe.skipIf(!HAS_TRAFFIC)(`operations equal the truth${title}`, () => {
  const ours = HAS_TRAFFIC ? readFacts().operations : new Map<string, string>();
  const protocolOf = (row: string): string => row.split(',')[1] ?? '';

  test.each([
    ['modbus', []],
    ['mqtt', ON_ANOTHER_PORT],
    ['dnp3', []],
    ['s7comm', OUT_OF_ORDER],
    ['enip', []],
    ['iec104', []],
    ['bacnet', WITHOUT_IP],
    ['coap', []],
    ['opcua', []],
  ])('%s', (protocol, odd) => {
    const truth = truthRows('operations.csv', 1, (cells) => cells[1] === protocol);
    const own = new Map([...ours].filter(([row]) => protocolOf(row) === protocol && !row.startsWith(NOT_DISSECTED)));
    expect(truth.size).toBeGreaterThan(0);
    expect(differences(own, truth)).toEqual(odd);
  });

  test('http, in the captures whose requests the truth lists', () => {
    const truth = truthRows('operations.csv', 1, (cells) => cells[1] === 'http');
    const files = new Set([...truth.keys()].map((row) => row.split(',')[0]));
    const own = new Map([...ours].filter(([row]) => protocolOf(row) === 'http' && files.has(row.split(',')[0] ?? '')));
    expect(differences(own, truth)).toEqual([]);
  });
});
