// One chain of the table. Not which chains there are.

import type { Nft } from '#nft';

export interface Chain {
  readonly name: string;
  /** The hook line of a base chain, else null. */
  readonly hook: Nft | null;
  readonly rules: readonly Nft[];
}
