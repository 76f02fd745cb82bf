// Handler of backups: noted in the ledger first, then sent as it is read. Not its form.

import type { Recorder } from '#ledger';
import { type AreaHandlers, type backupRoutes, timeOf } from '#routes';
import { type BackupOptions, type BackupPart, backupBytes, type Store } from '#store';

export interface BackupParts {
  readonly store: Store;
  readonly recorder: Pick<Recorder, 'perform'>;
  readonly parts: readonly BackupPart[];
  readonly now: () => number;
}

export function backupHandlers({ store, recorder, parts, now }: BackupParts): AreaHandlers<typeof backupRoutes> {
  return {
    make: async ({ actor, signal }) => {
      await recorder.perform(actor, async (_, note) =>
        note({ action: 'controller.backup', subject: 'controller', domain: '' }),
      );
      const at = now();
      const name = `picket-${timeOf(at).slice(0, 19).replaceAll(':', '-')}.picket`;
      return {
        value: { mediaType: 'application/gzip', name, content: await begun({ store, parts, now: at }, signal) },
      };
    },
  };
}

/** The answer begins when the backup has begun, so that what keeps it from beginning is a refusal. Ends it when whoever asked is gone. */
async function begun(options: BackupOptions, signal: AbortSignal): Promise<AsyncGenerator<Uint8Array>> {
  const pieces = backupBytes(options);
  const first = await pieces.next();
  signal.addEventListener('abort', () => void pieces.return(undefined).catch(() => {}), { once: true });
  return (async function* () {
    if (first.done !== true) yield first.value;
    yield* pieces;
  })();
}
