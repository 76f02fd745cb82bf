// Handlers of logons. What holds is the people room's to judge; here are cookies, and where a browser goes next.

import { type Begun, noJourneyCookie, type People, POLL_SECONDS } from '#people';
import { type AreaHandlers, type logonRoutes, Refusal, timeOf } from '#routes';

/** The page of the logon, with what it shall say behind `#`. */
const PAGE = '/login/';

export function logonHandlers(people: People): AreaHandlers<typeof logonRoutes> {
  return { ...passkeyHandlers(people), ...programHandlers(people), ...oidcHandlers(people) };
}

function passkeyHandlers(
  people: People,
): Pick<AreaHandlers<typeof logonRoutes>, 'show' | 'passkeyOptions' | 'passkey' | 'link' | 'useLink'> {
  return {
    show: async () => {
      const issuers = people.issuers().map(({ id, name, hasDevice = true }) => ({ id, name, hasDevice }));
      return { value: { hasOwner: await people.hasOwner(), issuers } };
    },
    passkeyOptions: async () => ({ value: await people.logonOptions() }),
    passkey: async ({ body: { proof }, facts }) => {
      const begun = await people.logon({ proof, facts });
      return { value: begunView(begun), cookies: people.cookiesOf(begun) };
    },
    link: async ({ body: { secret, name = '' }, facts }) => ({
      value: await people.showLink({ secret, name, facts }),
    }),
    useLink: async ({ body: { secret, name = '', passkeyName, made }, facts }) => {
      const begun = await people.useLink({ secret, name, passkeyName, made, facts });
      return { value: begunView(begun), cookies: people.cookiesOf(begun) };
    },
  };
}

function programHandlers(people: People): Pick<AreaHandlers<typeof logonRoutes>, 'deviceBegin' | 'devicePoll'> {
  return {
    deviceBegin: async ({ body: { program }, facts }) => {
      const { endsAt, ...waiting } = await people.beginCode({ program, facts });
      return { value: { ...waiting, intervalSeconds: POLL_SECONDS, endsAt: timeOf(endsAt) } };
    },
    devicePoll: async ({ body: { secret }, facts }) => {
      const polled = await people.pollCode({ secret, facts });
      if (polled.state === 'waiting') return { value: { state: 'waiting', intervalSeconds: POLL_SECONDS } };
      return { value: polled.state === 'denied' ? { state: 'denied' } : grantedView(polled.begun) };
    },
  };
}

function oidcHandlers(
  people: People,
): Pick<AreaHandlers<typeof logonRoutes>, 'oidc' | 'oidcReturn' | 'oidcDevice' | 'oidcPoll'> {
  return {
    oidc: async ({ params: { issuer } }) => {
      const { location, cookie } = await people.sendTo(issuer);
      return { value: location, cookies: [cookie] };
    },
    oidcReturn: async ({ params: { issuer }, query, facts }) => {
      try {
        const begun = await people.returned({ id: issuer, query, facts });
        return { value: `${PAGE}#done`, cookies: [...people.cookiesOf(begun), noJourneyCookie()] };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // A person looks at this answer, so the page says it, not a program's problem.
        return { value: `${PAGE}#refused=${error.code}`, cookies: [noJourneyCookie()] };
      }
    },
    oidcDevice: async ({ params: { issuer }, facts }) => {
      const { endsAt, ...asked } = await people.beginDevice({ id: issuer, facts });
      return { value: { ...asked, endsAt: timeOf(endsAt) } };
    },
    oidcPoll: async ({ params: { issuer }, body: { handle }, facts }) => {
      const polled = await people.pollDevice({ id: issuer, handle, facts });
      return { value: polled.state === 'granted' ? grantedView(polled.begun) : polled };
    },
  };
}

function begunView({ session, user }: Begun) {
  return { id: session.id, name: user.name, endsAt: timeOf(session.ends_at) };
}

function grantedView(begun: Begun) {
  return { state: 'granted' as const, secret: begun.secret, session: begunView(begun) };
}
