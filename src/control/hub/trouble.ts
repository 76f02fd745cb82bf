// Codes with which a hub ends a connection or refuses. Their pages are in pages.ts.

export const BYE = {
  stops: 'PICKET-C600',
  version: 'PICKET-C601',
  unreadable: 'PICKET-C602',
  flood: 'PICKET-C603',
  replaced: 'PICKET-C604',
  revoked: 'PICKET-C605',
  expired: 'PICKET-C606',
  full: 'PICKET-C607',
  silent: 'PICKET-C608',
  order: 'PICKET-C609',
  ahead: 'PICKET-C610',
  blind: 'PICKET-C615',
} as const;

export class HubError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
