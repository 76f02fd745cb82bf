// The certificate of the port for people and programs, from given files: read again when they change, so that it is replaced without a restart.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { CertificateSource, ServerCertificate } from '#api';
import { ControllerError, reasonText } from './trouble.ts';

/** Whoever renews files does so days before their end. */
const LOOK_MS = 60_000;

export interface HeldCertificate extends CertificateSource {
  /** Of the leaf in use, in epoch milliseconds. */
  readonly validity: () => { readonly fromMs: number; readonly untilMs: number };
  /** PEM of the authority that a command keeps to; null: one of the system's. */
  readonly authority: () => string | null;
  close(): void;
}

interface Files {
  readonly chain: string;
  readonly key: string;
}

/** Rejects where the files are no certificate and its key; later a pair that is not usable leaves the one in use. */
export async function certificateFiles(files: Files, onTrouble: (error: unknown) => void): Promise<HeldCertificate> {
  const held = new Held(await readPair(files));
  const timer = setInterval(() => {
    readPair(files)
      .then((pair) => held.replace(pair))
      .catch(onTrouble);
  }, LOOK_MS);
  timer.unref();
  return {
    current: () => held.current,
    onChange: (changed) => held.onChange(changed),
    validity: () => validityOf(held.current),
    authority: () => null,
    close: () => clearInterval(timer),
  };
}

/** What is in use, and who is told when it is another. */
export class Held {
  #current: ServerCertificate;
  readonly #told = new Set<() => void>();

  constructor(current: ServerCertificate) {
    this.#current = current;
  }

  get current(): ServerCertificate {
    return this.#current;
  }

  replace(next: ServerCertificate): void {
    if (next.chain === this.#current.chain && next.key === this.#current.key) return;
    this.#current = next;
    for (const tell of this.#told) tell();
  }

  onChange(changed: () => void): () => void {
    this.#told.add(changed);
    return () => void this.#told.delete(changed);
  }
}

export function validityOf({ chain }: ServerCertificate): { readonly fromMs: number; readonly untilMs: number } {
  const { validFrom, validTo } = new X509Certificate(chain);
  return { fromMs: Date.parse(validFrom), untilMs: Date.parse(validTo) };
}

async function readPair(files: Files): Promise<ServerCertificate> {
  try {
    const [chain, key] = await Promise.all([readFile(files.chain, 'utf8'), readFile(files.key, 'utf8')]);
    if (!new X509Certificate(chain).checkPrivateKey(createPrivateKey(key)))
      throw new Error('the key is of another certificate');
    return { chain, key };
  } catch (error) {
    throw new ControllerError({
      code: 'PICKET-C805',
      message: `cannot use the certificate "${files.chain}" with the key "${files.key}": ${reasonText(error)}`,
      help: 'both are PEM: the certificate of this host with its chain, leaf first, and its key without a passphrase',
      cause: error,
    });
  }
}
