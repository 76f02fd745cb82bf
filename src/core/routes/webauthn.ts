// Schemas of WebAuthn (Level 3, section 5.1) in JSON, as browsers take and give them. What the values mean is judged where a logon is verified.

import * as z from 'zod';

const base64url = (charsMax: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(charsMax)
    .regex(/^[A-Za-z0-9_-]+$/, 'base64url is needed');

/** A credential's id has at most 1023 bytes. */
const credentialId = base64url(1_364);
/** Client data name origin and challenge; an attestation may hold a chain of certificates. */
const data = base64url(4_096);
const attestation = base64url(40_000);

const transports = z.array(z.string().max(32)).max(8);
/** Options are handed to the browser as they are. */
const options = z.looseObject({ challenge: z.string() });

export const passkeyOptions = options.meta({
  id: 'PasskeyOptions',
  description: 'for navigator.credentials.get() or create(), in JSON',
});

const common = { id: credentialId, rawId: credentialId, type: z.literal('public-key') };

export const passkeyProof = z
  .strictObject({
    ...common,
    response: z.strictObject({
      clientDataJSON: data,
      authenticatorData: data,
      signature: data,
      userHandle: base64url(128).optional(),
    }),
  })
  .meta({ id: 'PasskeyProof', description: 'answer of navigator.credentials.get()' });
export type PasskeyProof = z.output<typeof passkeyProof>;

export const passkeyMade = z
  .strictObject({
    ...common,
    response: z.strictObject({
      clientDataJSON: data,
      attestationObject: attestation,
      transports: transports.optional(),
    }),
  })
  .meta({ id: 'PasskeyMade', description: 'answer of navigator.credentials.create()' });
export type PasskeyMade = z.output<typeof passkeyMade>;

export const EXAMPLE_OPTIONS = {
  challenge: 'q83vEjRWeJA',
  rpId: 'picket.example',
  userVerification: 'required',
} as const;
export const EXAMPLE_PROOF = {
  id: 'AQID',
  rawId: 'AQID',
  type: 'public-key',
  response: { clientDataJSON: 'e30', authenticatorData: 'AQID', signature: 'AQID', userHandle: 'AQID' },
} as const;
export const EXAMPLE_MADE: PasskeyMade = {
  id: 'AQID',
  rawId: 'AQID',
  type: 'public-key',
  response: { clientDataJSON: 'e30', attestationObject: 'o2M', transports: ['internal'] },
};
