// Security groups of a cloud, told apart by the shape of their JSON.

import type { Prefix, Problem } from '#model';
import { isProblem, readJson } from '../draft/documents.ts';
import { refusal, UNREADABLE } from '../draft/refusal.ts';
import { at, isMap, listAt } from '../draft/values.ts';
import type { Imported } from '../imported.ts';
import { importAws } from './aws.ts';
import { importAzure } from './azure.ts';
import { importGcp } from './gcp.ts';

export interface SecurityGroupOptions {
  /** Named in places and in the policy's first comment. */
  readonly file: string;
  /** Addresses of the virtual network, for Azure's VirtualNetwork. */
  readonly network?: readonly Prefix[];
}

/** Groups of AWS, Azure or Google Cloud, as their command lines print them. */
export function importSecurityGroups(text: string, { file, network = [] }: SecurityGroupOptions): Imported | Problem {
  const read = readJson(text, file);
  if (isProblem(read)) return read;
  const [value] = read;
  if (isMap(value) && Array.isArray(at(value, 'SecurityGroups')))
    return importAws(listAt(value, 'SecurityGroups'), file);
  const all = Array.isArray(value) ? value : [value];
  if (all.length > 0 && all.every((item) => at(item, 'GroupId') !== undefined)) return importAws(all, file);
  if (all.length > 0 && all.every(isAzure)) return importAzure(all, file, network);
  if (all.length > 0 && all.every((item) => at(item, 'network') !== undefined && at(item, 'direction') !== undefined))
    return importGcp(all, file);
  return refusal(
    UNREADABLE,
    'the text is not the JSON of security groups; print them with "aws ec2 describe-security-groups", "az network nsg show" or "gcloud compute firewall-rules list --format json"',
  );
}

function isAzure(item: unknown): boolean {
  return at(item, 'securityRules') !== undefined || at(at(item, 'properties'), 'securityRules') !== undefined;
}
