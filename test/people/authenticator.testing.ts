// An authenticator of passkeys in software (WebAuthn Level 3, section 6): makes keys and signs, and can be told to lie. For tests.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { PasskeyMade, PasskeyProof } from '#routes';

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;

export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly isVerified?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly isSignatureBroken?: boolean;
}

interface Place {
  readonly origin: string;
  readonly rpId: string;
}

export class SoftAuthenticator {
  readonly #place: Place;
  readonly id = randomBytes(16).toString('base64url');
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  #userHandle = '';
  #counter = 0;

  constructor(place: Place) {
    this.#place = place;
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = pair.privateKey;
    this.#publicKey = pair.publicKey;
  }

  /** Answers navigator.credentials.create(). */
  create(options: Readonly<Record<string, unknown>>, lies: Lies = {}): PasskeyMade {
    const { user } = options;
    if (typeof user === 'object' && user !== null && 'id' in user) this.#userHandle = String(user.id);
    const data = Buffer.concat([this.#head(lies, HAS_CREDENTIAL), Buffer.alloc(16), this.#credential()]);
    // {"fmt": "none", "attStmt": {}, "authData": data}
    const attestation = Buffer.concat([
      Buffer.from('a363666d74646e6f6e656761747453746d74a0', 'hex'),
      Buffer.from('686175746844617461', 'hex'),
      Buffer.from([0x59, data.length >> 8, data.length & 0xff]),
      data,
    ]);
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      response: {
        clientDataJSON: this.#clientData('webauthn.create', options, lies).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** Answers navigator.credentials.get(). */
  get(options: Readonly<Record<string, unknown>>, lies: Lies = {}): PasskeyProof {
    this.#counter += 1;
    const data = this.#head(lies, 0);
    const client = this.#clientData('webauthn.get', options, lies);
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
    const signature = sign('sha256', signed, this.#privateKey);
    if (lies.isSignatureBroken === true) signature.writeUInt8(signature.readUInt8(10) ^ 1, 10);
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: lies.userHandle ?? this.#userHandle,
      },
    };
  }

  #head({ rpId, isVerified, counter }: Lies, more: number): Buffer {
    const flags = USER_PRESENT | (isVerified === false ? 0 : USER_VERIFIED) | more;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter ?? this.#counter);
    const hash = createHash('sha256')
      .update(rpId ?? this.#place.rpId)
      .digest();
    return Buffer.concat([hash, Buffer.from([flags]), count]);
  }

  #credential(): Buffer {
    const id = Buffer.from(this.id, 'base64url');
    const { x = '', y = '' } = this.#publicKey.export({ format: 'jwk' });
    return Buffer.concat([
      Buffer.from([0, id.length]),
      id,
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(x, 'base64url'),
      Buffer.from('225820', 'hex'),
      Buffer.from(y, 'base64url'),
    ]);
  }

  #clientData(type: string, { challenge }: Readonly<Record<string, unknown>>, lies: Lies): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? this.#place.origin,
        crossOrigin: false,
      }),
    );
  }
}
