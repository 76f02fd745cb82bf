// The script of the logon's page: links, passkeys, codes of programs, one's own sessions. A string here, since it runs in browsers without a build.

/** Imported by the browser, so not by anybody here. */
const VIEWS = JSON.stringify('/login/views.js');

export const LOGIN_SCRIPT = `// Picket's logon. Asks the controller's API; keeps nothing.
import { button, facts, field, make, say, section, show, tell, when } from ${VIEWS};

const WORD = /^[#&]?(k|device|refused|done)(?:=(.*))?$/;

async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    redirect: 'error',
    headers: { 'picket-request': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.status === 204) return null;
  const value = await response.json();
  if (response.ok) return value;
  const error = new Error(value.title ?? 'the controller refused');
  error.problem = value;
  throw error;
}

// What needs a fresh proof is asked for again, once, after one.
async function askFresh(method, path, body) {
  try {
    return await ask(method, path, body);
  } catch (error) {
    if (error.problem?.code !== 'PICKET-C409') throw error;
    await ask('POST', '/v1/me/proof', { proof: await proof() });
    return ask(method, path, body);
  }
}

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
const listed = (credentials = []) => credentials.map((one) => ({ ...one, id: bytesOf(one.id) }));

async function proof() {
  const options = await ask('POST', '/v1/login/passkey/options');
  const publicKey = { ...options, challenge: bytesOf(options.challenge), allowCredentials: listed(options.allowCredentials) };
  const { id, rawId, response } = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  return {
    id,
    rawId: textOf(rawId),
    type: 'public-key',
    response: {
      clientDataJSON: textOf(clientDataJSON),
      authenticatorData: textOf(authenticatorData),
      signature: textOf(signature),
      ...(userHandle === null ? {} : { userHandle: textOf(userHandle) }),
    },
  };
}

async function newPasskey(options) {
  const publicKey = {
    ...options,
    challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: listed(options.excludeCredentials),
  };
  const { id, rawId, response } = await navigator.credentials.create({ publicKey });
  return {
    id,
    rawId: textOf(rawId),
    type: 'public-key',
    response: {
      clientDataJSON: textOf(response.clientDataJSON),
      attestationObject: textOf(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

function linkView(secret, { isFirst, name }) {
  const person = field('Your name', { autocomplete: 'name' });
  const passkey = field('Name of this passkey', { value: 'this device' });
  const finish = async () => {
    const mine = person.input.value.trim();
    const body = { secret, ...(isFirst && mine !== '' ? { name: mine } : {}) };
    const { options } = await ask('POST', '/v1/login/link', body);
    const made = await newPasskey(options);
    await ask('POST', '/v1/login/link/passkey', { ...body, passkeyName: passkey.input.value.trim() || 'passkey', made });
    await start();
    say('Done: you are logged on, and this passkey is yours.');
  };
  show(
    'Welcome',
    section(
      isFirst ? 'Welcome to Picket' : 'Welcome, ' + name,
      'h1',
      make('p', {
        text: isFirst
          ? 'You are the first: you will own this controller. A passkey is your key, so there is no password.'
          : 'Make a passkey to log on with. There is no password.',
      }),
      isFirst ? person.label : null,
      passkey.label,
      make('div', { class: 'buttons' }, button('Create passkey', finish, 'first')),
      make('p', { class: 'soft', text: 'The link is used up by this, and runs out soon.' }),
    ),
  );
}

function logonView({ issuers, hasOwner }, after) {
  const logon = async () => {
    await ask('POST', '/v1/login/passkey', { proof: await proof() });
    await after();
  };
  const others = issuers.map(({ id, name }) =>
    button('Log on with ' + name, async () => location.assign('/v1/login/oidc/' + encodeURIComponent(id))),
  );
  show(
    'Log on',
    section(
      'Log on',
      'h1',
      hasOwner
        ? null
        : make('p', { text: 'Nobody owns this controller yet. Its first link is printed where it runs; start it again for a new one.' }),
      make('div', { class: 'buttons' }, button('Log on with a passkey', logon, 'first'), ...others),
    ),
  );
}

function codeView(me) {
  const code = field('Code', { placeholder: 'BCDF-GHJK', autocapitalize: 'characters', spellcheck: 'false' });
  show('Let a program in', section('Let a program in', 'h1', make('p', { text: 'Type the code that the program shows.' }),
    code.label, make('div', { class: 'buttons' }, button('Go on', () => programView(me, code.input.value.trim()), 'first'))));
}

async function programView(me, code) {
  const waiting = await ask('POST', '/v1/me/programs', { code });
  const decide = (isApproved) => async () => {
    await askFresh('POST', '/v1/me/programs/decision', { code: waiting.code, isApproved });
    await accountView(me);
    say(isApproved ? 'The program is let in. You may close this page.' : 'The program was refused.');
  };
  show(
    'Let a program in',
    section(
      'Let this program in as ' + me.name + '?',
      'h1',
      make('p', { text: 'It will be able to do what you may do. Say yes only if you began this yourself, and the code is the one that it shows:' }),
      make('p', { class: 'code', text: waiting.code }),
      facts([['It says it is', waiting.program], ['It asks from', waiting.address], ['Until', when(waiting.endsAt)]]),
      make('div', { class: 'buttons' }, button('Let it in', decide(true), 'first'), button('Refuse', decide(false))),
    ),
  );
}

async function accountView(me) {
  const [sessions, passkeys] = await Promise.all([ask('GET', '/v1/me/sessions'), ask('GET', '/v1/me/passkeys')]);
  const again = (deed) => async () => {
    await deed();
    await accountView(me);
  };
  const add = async () => {
    const made = await newPasskey(await askFresh('POST', '/v1/me/passkeys/options'));
    const name = passkeyName.input.value.trim() || 'passkey';
    await askFresh('POST', '/v1/me/passkeys', { name, made });
    await accountView(me);
    say('The passkey is added.');
  };
  const passkeyName = field('Name of a further passkey', { value: 'another device' });
  const roles = Object.entries(me.roles).map(([domain, role]) => [domain === '*' ? 'the controller' : domain, role]);
  show(
    'Your account',
    section('You are ' + me.name, 'h1', facts([...roles, ['your id', me.id]]),
      make('div', { class: 'buttons' },
        button('Log off', async () => { await ask('DELETE', '/v1/me/session'); await start(); }),
        button('Let a program in', async () => codeView(me)))),
    section('Your passkeys', 'h2', make('ul', {}, ...passkeys.items.map((one) => passkeyItem(one, again))),
      passkeyName.label, make('div', { class: 'buttons' }, button('Add a passkey', add))),
    section('Your sessions', 'h2', make('ul', {}, ...sessions.items.map((one) => sessionItem(one, again))),
      make('div', { class: 'buttons' }, button('End all sessions', async () => { await ask('DELETE', '/v1/me/sessions'); await start(); }))),
  );
}

function passkeyItem({ id, name, madeAt, usedAt }, again) {
  const remove = button('Remove', again(() => askFresh('DELETE', '/v1/me/passkeys/' + encodeURIComponent(id))), 'small');
  remove.setAttribute('aria-label', 'Remove passkey ' + name);
  return make('li', {}, make('div', {}, make('div', { text: name }),
    make('div', { class: 'soft', text: 'made ' + when(madeAt) + ', used ' + when(usedAt) })), remove);
}

function sessionItem({ id, program: agent, address, madeAt, seenAt, isThis }, again) {
  const program = programName(agent);
  const end = isThis
    ? make('span', { class: 'soft one', text: 'this one' })
    : button('End', again(() => ask('DELETE', '/v1/me/sessions/' + encodeURIComponent(id))), 'small');
  if (!isThis) end.setAttribute('aria-label', 'End session of ' + program);
  return make('li', {}, make('div', {}, make('div', { text: program }),
    make('div', { class: 'soft', text: 'from ' + address + ', since ' + when(madeAt) + ', used ' + when(seenAt) })), end);
}

// A browser says much of itself; people know it by two words.
function programName(agent) {
  const browser = [['Firefox', 'Firefox'], ['Edg', 'Edge'], ['Chrome', 'Chrome'], ['Safari', 'Safari']].find(([mark]) => agent.includes(mark));
  if (!agent.startsWith('Mozilla/') || browser === undefined) return agent;
  const system = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['Mac OS', 'macOS'], ['Linux', 'Linux']].find(([mark]) => agent.includes(mark));
  return browser[1] + (system === undefined ? '' : ' on ' + system[1]);
}

async function whoIsIt() {
  try {
    return await ask('GET', '/v1/me');
  } catch (error) {
    if (error.problem?.status === 401) return null;
    throw error;
  }
}

const REFUSED = {
  'PICKET-C542': 'You are known there, but have no role here. Ask an owner.',
  'PICKET-C541': 'The identity provider did not answer as it should. Log on with a passkey meanwhile.',
  'PICKET-C504': 'Too many logons failed from there. Wait a quarter of an hour.',
};

async function start() {
  const [, word = '', value = ''] = WORD.exec(location.hash) ?? [];
  // The secret of a link stays neither in the address nor in the history.
  if (word === 'k' || word === 'refused' || word === 'done') history.replaceState(null, '', '/login/');
  if (word === 'k') return linkView(value, await ask('POST', '/v1/login/link', { secret: value }));
  const me = await whoIsIt();
  const goOn = async () => {
    const mine = await ask('GET', '/v1/me');
    return word === 'device' ? programView(mine, decodeURIComponent(value)) : accountView(mine);
  };
  if (me === null) logonView(await ask('GET', '/v1/login'), async () => { say(''); await goOn(); });
  else if (word === 'device' && value !== '') {
    history.replaceState(null, '', '/login/');
    await programView(me, decodeURIComponent(value));
  } else await accountView(me);
  if (word === 'refused') say(REFUSED[value] ?? 'The logon was refused.', 'bad');
}

async function begin() {
  try {
    if (!('credentials' in navigator) || !('PublicKeyCredential' in window))
      throw new Error('this browser knows no passkeys, or the page is not reached over trusted TLS');
    await start();
  } catch (error) {
    if (document.getElementById('main').children.length === 0) show('Log on', section('Log on', 'h1'));
    tell(error);
  }
}

window.addEventListener('hashchange', begin);
await begin();
`;
