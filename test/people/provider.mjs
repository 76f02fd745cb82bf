// A real OpenID provider over TLS on loopback, as a process of its own: oidc-provider with three accounts and no questions asked. For tests.
// Words: PORT KEY CERTIFICATE RETURN_URL. Whoever is to be logged on next is told with POST /as/NAME.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import process from 'node:process';
import Provider from 'oidc-provider';

const [port, key, certificate, returnUrl] = process.argv.slice(2);
const issuer = `https://localhost:${port}`;

const ACCOUNTS = {
  grace: { name: 'Grace\u0007 Hopper', groups: ['plant-operators', 'others'] },
  linus: { name: 'Linus', groups: ['plant-operators', 'plant-approvers', 'owners'] },
  mallory: { name: 'Mallory', groups: ['strangers'] },
};
let next = 'grace';

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'picket',
      client_secret: 'a secret of the test, long enough for it',
      redirect_uris: [returnUrl],
      grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
  claims: { openid: ['sub'], profile: ['name'], groups: ['groups'] },
  conformIdTokenClaims: false,
  features: { deviceFlow: { enabled: true }, devInteractions: { enabled: false } },
  cookies: { keys: ['a key of the test'] },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...ACCOUNTS[id] }) }),
  loadExistingGrant: async ({ oidc }) => {
    const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid profile groups');
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
  const path = new URL(request.url ?? '', issuer).pathname;
  if (path.startsWith('/as/')) {
    next = path.slice('/as/'.length);
    response.end();
  } else if (path.startsWith('/interaction/')) {
    const result = { login: { accountId: next, remember: false } };
    provider.interactionFinished(request, response, result).catch((error) => response.end(String(error)));
  } else answer(request, response);
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
