// Pages of `picket explain` for what keeps a controller from beginning, and for what it says of its health.

const PAGES: ReadonlyMap<string, string> = new Map([
  page('PICKET-C801', 'the configuration has errors', [
    'Each is told with its place. Nothing was started. docs/control/controller.md lists every field.',
    'Exit code 2 (wrong usage).',
  ]),
  page('PICKET-C802', 'a port cannot be had', [
    'Another program listens there, the address is none of this machine, or ports below 1024 are not for this user. Nothing was changed.',
    'Choose another with --listen (people and programs) or --agents, or end the other program.',
  ]),
  page('PICKET-C803', 'the data folder cannot be used', [
    'Database, ledger and keys are in it, so it belongs to the user of the controller and nobody else may look into it.',
    'Make it for that user (mode 700), or name another one with --data.',
  ]),
  page('PICKET-C804', "the ledger's key cannot be used", [
    'The key in ledger-key.pem signs checkpoints of the ledger. The file is damaged, cannot be read, or could not be made.',
    'Bring it back from a backup. If it is lost, move the file away and start: the ledger goes on under a new key and says so in a record; keep the old public key to verify what was signed before.',
  ]),
  page('PICKET-C805', 'the certificate of the port cannot be used', [
    'A certificate is given, and its file is missing, is none, or does not go with the key. A pair that is replaced while the controller runs is taken over within a minute; one that cannot be used leaves the old one in use.',
    'Give a chain with the leaf first and a key without a passphrase, or no certificate at all: the controller makes its own then.',
  ]),
  page('PICKET-C806', 'a secret cannot be read', [
    'Secrets (a password, a passphrase, the secret of an OIDC client) stand in files of their own, one line each, that only the user of the controller may read. Nothing was changed.',
    'chmod 600 FILE; chown it to that user.',
  ]),
  page('PICKET-C807', 'the controller has too many domains', [
    'One controller holds up to 1,000 domains, because keys and policy of each are in its memory. Nothing was changed.',
  ]),
  page('PICKET-C808', 'no controller runs here', [
    'No controller runs on this data folder, or its port cannot be reached. Nothing was changed.',
    'Start one: picket controller up, or its service. Its log says why it ended.',
  ]),
  page('PICKET-C809', 'the controller did not begin', [
    'It was started and did not become ready. Its last words are told above. Nothing was changed beside its data folder.',
  ]),
  page('PICKET-C810', 'something that the controller needs cannot be used', [
    'The message names it: the database, the ledger, the disk. Requests that change something are refused as long (PICKET-C441); agents enforce what they have.',
    'See that it runs and can be reached. The controller goes on by itself when it is back.',
  ]),
  page('PICKET-C811', 'the disk becomes full', [
    'Less than 512 MB are left on the disk of the data folder.',
    'Make room or move the folder. Flows are the most of it: their retention can be shortened.',
  ]),
  page('PICKET-C812', 'the disk is full', [
    'Less than 32 MB are left. The next change may be refused; nothing is ever half written, and what was acknowledged is there.',
    'Make room on the disk of the data folder. The controller goes on by itself then.',
  ]),
  page('PICKET-C813', 'the clock is wrong', [
    'The clock of this machine was set while the controller ran, shows a time before something that was recorded, or differs from the clock of the database by more than ten seconds. Deadlines, certificates and logons go by it.',
    'Set the clock, and let NTP keep it (timedatectl). What was written under a wrong time keeps that time.',
  ]),
  page('PICKET-C814', 'the certificate expires soon', [
    'The certificate of the port for people and programs ends within seven days. One that the controller made itself is renewed without being asked; given files are renewed by whoever gave them.',
  ]),
  page('PICKET-C815', 'the certificate is not valid', [
    'It expired, for instance while this machine slept, or it is not valid yet because the clock is wrong. Browsers and commands refuse the port; agents are not concerned, they have their own.',
    'Put a new pair in the place of the files: it is taken over within a minute. Without given files restart the controller: it makes a new one.',
  ]),
  page('PICKET-C816', 'policy changes wait to be confirmed', [
    'They go back by themselves when their time is over. Confirm from a new session: picket policy confirm',
  ]),
  page('PICKET-C817', 'changes could not be taken back in time', [
    'Nobody confirmed a change, and it could not be taken back yet: the database or the ledger takes no writes. It is tried again every second. Agents that heard of the deadline go back by themselves.',
    'See what else is not well.',
  ]),
  page('PICKET-C818', 'agents are behind', [
    'Agents were not heard for a minute, or have another revision in force than the newest. They enforce what they have.',
    'picket agent ls says which and why.',
  ]),
  page('PICKET-C819', 'this user may not recover the controller', [
    'A new owner is made only by root or by the user whose the data folder is, on the machine itself, and only where a controller was before. Nothing was changed.',
    'Run it as that user or as root, with the --config or --data that the controller is started with.',
  ]),
  page('PICKET-C820', 'the authority of an identity provider cannot be used', [
    "The configuration names a file with the authority of the provider's certificate, and the file is missing, may not be read, or is no certificate in PEM. Nothing was started.",
    'Name another file under "authority", or leave it out: then the authorities of this system count.',
  ]),
]);

function page(code: string, title: string, paragraphs: readonly string[]): readonly [string, string] {
  return [code, `${code}: ${title}\n\n${paragraphs.join('\n\n')}\n`];
}

export function controllerPage(code: string): string | null {
  return PAGES.get(code) ?? null;
}

export function controllerCodes(): readonly string[] {
  return [...PAGES.keys()];
}
