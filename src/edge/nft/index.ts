// Door of the nft room: the one printer of nft text, and one long-lived `nft -i`.
// In: fixed words, numbers, addresses; lines. Out: text that no name can break; answers of nft. Never: a table, a rule, a policy.

export {
  address,
  addressRange,
  interfaceName,
  isInterfaceName,
  lines,
  list,
  mac,
  mark,
  type Nft,
  nft,
  raw,
} from './nft.ts';
export { NftChild, NftError } from './nft-child.ts';
