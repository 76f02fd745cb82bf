// Handlers about whoever asks. Not their sessions and tokens.

import { type AreaHandlers, type meRoutes, Refusal, timeOf } from '#routes';

export function meHandlers(): AreaHandlers<typeof meRoutes> {
  return {
    show: async ({ actor }) => {
      const { kind } = actor;
      // INVARIANT: the route's access lets neither in; said once more because the answer has no form for them.
      if (kind === 'agent' || kind === 'nobody')
        throw new Refusal({ code: 'PICKET-C401', message: 'not logged on as a person' });
      return {
        value: {
          kind,
          id: actor.id,
          name: actor.name,
          roles: { ...actor.roles },
          scopes: actor.scopes === null ? null : [...actor.scopes],
          session: actor.session,
          authenticatedAt: actor.authenticatedAt === null ? null : timeOf(actor.authenticatedAt),
        },
      };
    },
  };
}
