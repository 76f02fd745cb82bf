// Handlers of a domain's authority: keys, bundle, rotation.

import type { Authority } from '#authority';
import { type AreaHandlers, type authorityRoutes, timeOf } from '#routes';

export function authorityHandlers(authority: Authority): AreaHandlers<typeof authorityRoutes> {
  const viewOf = async (domain: string) => {
    const { bundle, list } = await authority.trust(domain);
    const keys = await authority.keys(domain);
    return {
      bundleSequence: bundle.sequence,
      revocationSequence: list.sequence,
      keys: keys.map(({ madeAt, notAfter, ...key }) => ({
        ...key,
        madeAt: timeOf(madeAt),
        notAfter: notAfter === null ? null : timeOf(notAfter),
      })),
      ailments: [...(await authority.health(domain))],
    };
  };
  return {
    show: async ({ params }) => ({ value: await viewOf(params.domain) }),
    bundle: async ({ params }) => {
      const value = await authority.bundleDocument(params.domain);
      return { value, etag: `b${value.spiffe_sequence}` };
    },
    rotate: async ({ actor, params, body }) => ({
      value: { bundleSequence: await authority.rotate(params.domain, actor, body) },
    }),
    replaceIssuing: async ({ actor, params }) => {
      await authority.replaceIssuing(params.domain, actor);
      return { value: await viewOf(params.domain) };
    },
    raise: async ({ actor, params, body }) => ({
      value: { bundleSequence: await authority.raiseBundle(params.domain, actor, body.by) },
    }),
  };
}
