// For the fuzzer: service discovery made by hand, for port 1900. Not part of the product.

import { bytes } from './inspect.testing.ts';

export const SEEDS: readonly Uint8Array[] = [
  bytes(
    'NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:alive\r\nUSN: uuid:7::upnp:rootdevice\r\n',
    'LOCATION: http://10.0.0.7/d.xml\r\nSERVER: Cam/1.0 UPnP/1.1\r\n\r\n',
  ),
  bytes('M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nST: ssdp:all\r\n\r\n'),
  bytes('HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: uuid:7\r\nLOCATION: http://10.0.0.7/\r\n\r\n'),
];
