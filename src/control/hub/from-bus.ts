// The hub's notices on the bus. Topics are shared with the other rooms; what is not meant for hubs is passed over.

import type { Bus, BusMessage } from '#bus';
import type { Notice, Notices } from './options.ts';

type Fields = Readonly<Record<string, string | number>>;

export function busNotices(bus: Bus): Notices {
  return {
    publish: (notice) => published(bus, notice),
    subscribe(handler) {
      const stops = [
        bus.subscribe(
          'policies',
          told(handler, ({ domain }) => named('policy', domain)),
        ),
        bus.subscribe(
          'quarantines',
          told(handler, ({ domain }) => named('quarantine', domain)),
        ),
        bus.subscribe(
          'identities',
          told(handler, ({ domain }) => [...named('revoked', domain), ...named('bundle', domain)]),
        ),
        bus.subscribe('agents', told(handler, agentNotice)),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

async function published(bus: Bus, notice: Notice): Promise<void> {
  switch (notice.kind) {
    case 'policy':
      return bus.publish('policies', { domain: notice.domain });
    case 'quarantine':
      return bus.publish('quarantines', { domain: notice.domain });
    case 'revoked':
    case 'bundle':
      return bus.publish('identities', { domain: notice.domain });
    case 'states':
      return bus.publish('agents', { what: 'states', domain: notice.domain });
    case 'agent': {
      const { domain, agent, controller, sinceMs } = notice;
      return bus.publish('agents', { what: 'entered', domain, agent, controller, sinceMs });
    }
    case 'lost':
      return;
  }
}

function told(handler: (notice: Notice) => void, read: (fields: Fields) => readonly Notice[]) {
  return (message: BusMessage): void => {
    const notices: readonly Notice[] = message.kind === 'lost' ? [{ kind: 'lost' }] : read(message.payload);
    for (const notice of notices) handler(notice);
  };
}

function named(
  kind: 'policy' | 'quarantine' | 'revoked' | 'bundle',
  domain: string | number | undefined,
): readonly Notice[] {
  return typeof domain === 'string' ? [{ kind, domain }] : [];
}

function agentNotice({ what, domain, agent, controller, sinceMs }: Fields): readonly Notice[] {
  if (typeof domain !== 'string') return [];
  if (what === 'states') return [{ kind: 'states', domain }];
  if (typeof agent !== 'string' || typeof controller !== 'string' || typeof sinceMs !== 'number') return [];
  return [{ kind: 'agent', domain, agent, controller, sinceMs }];
}
