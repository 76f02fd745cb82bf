// Security groups of a cloud, told apart by the shape of their JSON.

import type { Prefix, Problem } from '#model';
import { isProblem, readJson } from '../draft/documents.ts';
import { filesOf, type OpenOptions, refusal, type Source, UNREADABLE } from '../draft/refusal.ts';
import { at, isMap, listAt } from '../draft/values.ts';
import type { Imported } from '../imported.ts';
import { importAws } from './aws.ts';
import { importAzure } from './azure.ts';
import { importGcp } from './gcp.ts';

export interface SecurityGroupOptions extends OpenOptions {
  /** Addresses of the virtual network, for Azure's VirtualNetwork. */
  readonly network?: readonly Prefix[];
}

/** Groups of AWS, Azure or Google Cloud, as their command lines print them. All texts are of one cloud. */
export function importSecurityGroups(
  sources: readonly Source[],
  { network = [], isOpen = false }: SecurityGroupOptions = {},
): Imported | Problem {
  const all: unknown[] = [];
  for (const { text, file } of sources) {
    const read = readJson(text, file);
    if (isProblem(read)) return read;
    all.push(...itemsOf(read[0]));
  }
  const file = filesOf(sources);
  const areAll = (test: (item: unknown) => boolean): boolean => all.length > 0 && all.every(test);
  if (areAll((item) => at(item, 'GroupId') !== undefined)) return importAws(all, file, isOpen);
  if (areAll(isAzure)) return importAzure(all, file, { network, isOpen });
  if (areAll((item) => at(item, 'network') !== undefined && isGoogle(item))) return importGcp(all, file, isOpen);
  return refusal(
    UNREADABLE,
    'the text is not the JSON of security groups; print them with "aws ec2 describe-security-groups", "az network nsg show" or "gcloud compute firewall-rules list --format json"',
  );
}

function itemsOf(value: unknown): readonly unknown[] {
  if (isMap(value) && Array.isArray(at(value, 'SecurityGroups'))) return listAt(value, 'SecurityGroups');
  return Array.isArray(value) ? value : [value];
}

function isGoogle(item: unknown): boolean {
  return ['direction', 'allowed', 'denied'].some((key) => at(item, key) !== undefined);
}

function isAzure(item: unknown): boolean {
  return at(item, 'securityRules') !== undefined || at(at(item, 'properties'), 'securityRules') !== undefined;
}
