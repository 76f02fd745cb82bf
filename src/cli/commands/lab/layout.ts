// Who stands at which port of the lab's gateway, as lab/lib/site.sh makes them. Data.

import type { BridgeLayout } from '#bridge';

/** Host → last byte of its MAC and its addresses. */
export const HOSTS: Readonly<Record<string, string>> = {
  camera: '10',
  nvr: '11',
  sensor: '20',
  broker: '21',
  scada: '30',
  plc: '31',
  web: '40',
  pc: '50',
  admin: '51',
};

export const LAYOUT: BridgeLayout = {
  bridge: 'eth0',
  subnets: ['10.20.0.0/24', 'fd0a:1400:20::/64'],
  ports: Object.entries(HOSTS).map(([host, byte]) => ({
    name: `p-${host}`,
    elements: [{ mac: `02:0a:14:00:00:${byte}`, addresses: [`10.20.0.${byte}`, `fd0a:1400:20:0:a:14ff:fe00:${byte}`] }],
  })),
};
