// Pages of `picket explain` for identities, certificates, tokens and the authority (PICKET-C300 to C399). They stand here so that the command finds them without the controller.

const PAGES: ReadonlyMap<string, Page> = new Map([
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
    'After a controller was restored from a backup this is to be expected: picket authority raise 100 makes a bundle with a higher number.',
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
  page('PICKET-C320', 'the token is not known', [
    'No enrolment token with this secret was made for this domain, or it ended more than a week ago. Nothing was changed.',
    'Take the whole link, in quotes, or make a new one: picket tokens enrol',
  ]),
  page('PICKET-C321', 'the token was used already', [
    'A token enrols one element. Of two that try at once one succeeds. Nothing was changed.',
    'If it was not you, somebody else had the link: look at picket identities ls, and revoke what you do not know.',
  ]),
  page('PICKET-C322', 'the token has ended', [
    'Tokens live an hour at most, so that one that lies about is soon worth nothing. Nothing was changed.',
    'Make a new one: picket tokens enrol',
  ]),
  page('PICKET-C323', 'the token was revoked', ['Somebody took it back before it was used. Nothing was changed.']),
  page('PICKET-C324', 'the token is for another element', [
    'A token is bound to a kind and to one path, or to paths below one. Nothing was changed, and the token can still be used for what it is for.',
    'For a token of many elements name this one: picket join --name NAME LINK',
  ]),
  page('PICKET-C325', 'the proof does not fit', [
    'Keys are made on the element and never sent: it signs what it asks for with each of them. A key was of a kind that is not known, or a signature did not fit. Nothing was changed, and the token can still be used.',
    'Most often agent and controller are of different versions: compare picket version on both.',
  ]),
  page('PICKET-C326', 'a token cannot live that long', [
    'Tokens live from one minute to one hour. Nothing was changed.',
  ]),
  page('PICKET-C328', 'the identity is taken', [
    'A token for many elements enrols new ones only: it must not take over one that is there. Nothing was changed.',
    'Choose another name. A machine that was installed anew gets a token for exactly its own name: its old certificate is revoked with the enrolment.',
  ]),
  page('PICKET-C329', 'the certificate ended while the machine slept', [
    'The certificate was not renewed in time because the machine was off or could not reach a controller. It enforces its last policy all the while.',
    'It asks for a new certificate with its renewal key by itself, as soon as it reaches a controller. Where that is refused (PICKET-C330) it has to join again with a new token.',
  ]),
  page('PICKET-C330', 'no renewal key fits', [
    'A machine that slept proves who it is by the renewal key it showed at its enrolment. There is none for this identity, it was revoked, or the signature is by another key; strangers are not told which. People and AI agents have none. Nothing was changed.',
    'Join the element again with a new token: picket tokens enrol',
  ]),
  page('PICKET-C331', 'the challenge is not fresh', [
    'What a renewal key signs holds a challenge of the controller that is good for two minutes, so that nothing old can be shown again. Nothing was changed.',
    'The agent asks for a new one by itself. Where this stays, compare the clocks of the controllers.',
  ]),
  page('PICKET-C333', 'renewed for long enough', [
    'People and AI agents go on by renewals for twelve hours. Then a person logs on again, and an agent is made again by whoever answers for it. Nothing was issued.',
  ]),
  page('PICKET-C334', 'renewed a moment ago', [
    'One identity gets one certificate every ten seconds at most. Nothing was issued.',
  ]),
  page('PICKET-C340', 'the root key is not at hand', [
    'The root key lies in a file of its own, so that it can be kept off the machine. It is needed for a new issuing certificate (every two weeks or so), and for a rotation. Nothing was changed; while the issuing certificate lives, enrolment and renewal go on.',
    'Put the file back for as long as the step takes; a new issuing certificate is made within the hour. picket authority show says when the current one ends.',
  ]),
  page('PICKET-C341', 'the keys in the database cannot be opened', [
    'Private keys in the database are sealed by a key or passphrase that is not in it. The one that was given, or the key file, is another or is gone. Nothing was changed and nothing was made anew: a new key could open nothing.',
    'Give the right one. A database that was restored needs the key file of the same backup; every controller of one database needs the same.',
  ]),
  page('PICKET-C342', 'a key file cannot be used', [
    'Key files are read only where their owner alone may read them, and are written whole or not at all. The message says which file and why. Nothing was changed.',
  ]),
  page('PICKET-C343', 'this is not the root key', [
    'The file holds another key than the root of the domain, is damaged, or is protected by another passphrase. It was not used.',
  ]),
  page('PICKET-C344', 'certificates can soon not be issued', [
    'A root or issuing certificate has ended or will soon, or the clock of the controller was set back or forward: what would be issued, nobody would accept.',
    'Look at the clock first. Then at picket authority show.',
  ]),
  page('PICKET-C345', 'the domain has no authority here', [
    'The controller holds no keys for this domain. Nothing was changed.',
  ]),
  page('PICKET-C346', 'there are too many', [
    'A domain has at most 10,000 tokens that can still be used, and 100,000 revocations of certificates that still live. Nothing was changed.',
    'Revoke what is no longer needed; for revocations, revoke the path above or the issuing key: each is one entry.',
  ]),
  page('PICKET-C347', 'there is no such identity, token or revocation', [
    'It never was, or has ended. Nothing was changed.',
    'See picket identities ls and picket tokens ls.',
  ]),
  page('PICKET-C348', 'the rotation cannot take this step now', [
    'A rotation goes publish, activate, retire. A new key is used only after every agent has confirmed that it trusts it, and the old one goes only after nothing that it vouches for is in use. The message says what is in the way. Nothing was changed.',
    'With --force it goes on all the same; agents that were left behind then have to join again.',
  ]),
  page('PICKET-C349', 'the certificate of the HTTPS port cannot be used', [
    'The files that were given cannot be read, do not belong together or have ended, or the names of this host cannot stand in a certificate.',
  ]),
  page('PICKET-C350', 'this is no type of a statement', [
    'The policy key signs statements of fixed types only, so that none can stand for another.',
  ]),
]);

type Page = readonly [title: string, paragraphs: readonly string[]];

function page(code: string, title: string, paragraphs: readonly string[]): readonly [string, Page] {
  return [code, [title, paragraphs]];
}

export function identityPage(code: string): string | null {
  const found = PAGES.get(code);
  return found === undefined ? null : `${code}: ${found[0]}\n\n${found[1].join('\n\n')}\n`;
}

/** Title and paragraphs of a code. INVARIANT: asked for codes that have a page. */
export function identityTopic(code: string): { readonly title: string; readonly page: readonly string[] } {
  const [title, paragraphs] = PAGES.get(code) ?? [code, []];
  return { title, page: paragraphs };
}

export function identityCodes(): readonly string[] {
  return [...PAGES.keys()];
}
