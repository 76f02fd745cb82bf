// Modbus and MQTT operations of every capture against the truth that an independent tool made.

import { expect, test } from 'vitest';
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

const title = HAS_TRAFFIC ? '' : ' (the shared traffic is not there)';

test.skipIf(!HAS_TRAFFIC)(`modbus and mqtt operations equal the truth${title}`, { timeout: 120_000 }, () => {
  const truth = truthRows('operations.csv', 1, ([, protocol]) => protocol === 'modbus' || protocol === 'mqtt');
  expect(differences(readFacts().operations, truth)).toEqual(ON_ANOTHER_PORT);
});
