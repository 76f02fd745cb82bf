// Pages of `picket explain` for identities, certificates, tokens and the authority (PICKET-C300 to C399). They stand here so that the command finds them without the controller.

const PAGES: ReadonlyMap<string, string> = new Map([
  page('PICKET-C300', 'this is no identity', [
    'Identities are written spiffe://DOMAIN/KIND/PATH. The domain is a DNS name in lower case; the kind one of human, service, device, agent, model, server, instance, gateway, host, relay, controller; the path one to eight names with "/" between them, each as an element is named in a policy. Nothing was changed.',
    'There are no escapes, ports, queries, or empty, "." and ".." parts: what could be read in two ways is refused.',
  ]),
  page('PICKET-C301', 'a certificate or key cannot be read', [
    'It is not X.509 version 3 in strict DER with a P-256 or Ed25519 key, or it has bytes after its end, an extension twice, or a critical extension that is not understood. The message says at which byte. Nothing was changed.',
  ]),
  page('PICKET-C302', 'a certificate breaks a rule', [
    'The certificate of an element names exactly one identity, has no other name (a controller may have names of hosts), cannot issue certificates, may be used for TLS only, and lives no longer than its kind allows. One rule is broken; the message says which. The peer was not let in.',
  ]),
  page('PICKET-C303', 'this belongs to another domain', [
    'Nothing crosses domains: a certificate, a bundle or a token of one domain is worth nothing in another. The peer was not let in.',
    'Look at which controller the element was joined to: picket status',
  ]),
  page('PICKET-C304', 'the identity is of another kind', [
    'Only certain kinds may do what was asked: a camera is no gateway, whatever its certificate can prove. The peer was not let in.',
  ]),
  page('PICKET-C305', 'the certificate is not valid yet', [
    'Its validity begins later than the clock of the machine that looked. Certificates begin a minute before they are issued, so the two clocks differ by more than that.',
    'Set the clock that is wrong, best by NTP. Nothing else has to be done.',
  ]),
  page('PICKET-C306', 'the certificate has ended', [
    'Certificates live an hour or a day and are renewed at about half of that. This one was not, or the clock is ahead. The connection was cut, or not let in.',
    'A machine that was off renews by its renewal key by itself (PICKET-C329). People log on again.',
  ]),
  page('PICKET-C307', 'the identity is revoked', [
    'Somebody revoked the certificate, the identity, everything below one, or the key that issued it. Live connections were cut at once.',
    'An owner can see who and why with picket identities show ID, and take it back with picket identities reinstate ID. The element then needs a new token.',
  ]),
  page('PICKET-C308', 'nobody trusted issued this certificate', [
    'The certificates that were sent do not lead to a root of the domain. The peer belongs to another installation, or the roots were rotated while one side was away for longer than the overlap.',
    'Join the element again with a new token: picket tokens enrol',
  ]),
  page('PICKET-C309', 'an issuer breaks a rule', [
    'A root may make issuing certificates and nothing else, an issuing certificate leaves and nothing else, both for one domain only. The chain was not accepted.',
  ]),
  page('PICKET-C310', 'the bundle goes back', [
    'Bundles of trusted roots have sequence numbers. One with a lower number than the one that is known would bring back roots that were retired, so it was refused and the known one stays.',
    'After a controller was restored from a backup this is to be expected: picket authority bundle --raise makes a bundle with a higher number.',
  ]),
  page('PICKET-C311', 'nobody vouches for a new root', [
    'A new root comes with the signature of one that is trusted already. Without it anybody who took over a controller could make one. The bundle was refused and the known one stays.',
  ]),
  page('PICKET-C312', 'the bundle cannot be read', [
    'It is no SPIFFE bundle of one domain with at least one sound root. The known one stays.',
  ]),
  page('PICKET-C313', 'the join link cannot be read', [
    'It has the form https://HOST:PORT/join#v1.TOKEN.ROOT.DOMAIN. Most often the shell cut it, or a mail program broke it into lines. Nothing was changed.',
    'Put it in quotes. A link holds a secret that is good once, for at most an hour: make a new one if it may have been seen.',
  ]),
]);

function page(code: string, title: string, paragraphs: readonly string[]): readonly [string, string] {
  return [code, `${code}: ${title}\n\n${paragraphs.join('\n\n')}\n`];
}

export function identityPage(code: string): string | null {
  return PAGES.get(code) ?? null;
}

export function identityCodes(): readonly string[] {
  return [...PAGES.keys()];
}
