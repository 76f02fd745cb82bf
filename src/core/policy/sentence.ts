// Rules in plain English, for reports and answers. Not the language: nothing reads these sentences back.

import type { PortRange, Rule, Selector, Service } from '#model';
import { untilText } from './calendar.ts';
import { limitsText } from './limits-text.ts';
import { selectorText } from './selector.ts';
import { protocolText } from './words.ts';

/** `role=camera may use rtsp on role=recorder (tcp/554), with hours Mon-Fri 06:00-22:00 in Europe/Berlin; volume <= 2 GB per hour`. */
export function ruleSentence(rule: Rule): string {
  const services = rule.to.map(serviceText).join(' or ');
  const limits = limitsText(rule.limits, rule.limits.hours?.zone ?? 'UTC');
  const held = limits === 'no limits' ? 'without limits' : `with ${zoned(limits, rule)}`;
  const end = rule.until === null ? '' : `, until ${untilText(rule.until, rule.limits.hours?.zone ?? 'UTC')}`;
  const audit = rule.isAudit ? ' (audit: judged and recorded, not held)' : '';
  return `${whoText(rule.from)} may use ${services === '' ? 'nothing' : services}, ${held}${end}${audit}`;
}

/** Hours in UTC need no zone named; others are named once, behind the limits. */
function zoned(limits: string, { limits: { hours } }: Rule): string {
  return hours === null || hours.zone === 'UTC' ? limits : `${limits} (${hours.zone})`;
}

export function whoText(selector: Selector): string {
  if (selector.kind === 'any') return 'anyone';
  return selector.kind === 'internet' ? 'the internet' : selectorText(selector);
}

/** `rtsp on role=recorder (tcp/554, rtsp, logon required)`. */
export function serviceText({ id, on, protocol, ports, application, isLogonRequired }: Service): string {
  const facts = [
    protocol === null && ports.length === 0 ? '' : `${protocolText(protocol)}${portsText(ports)}`,
    application ?? '',
    isLogonRequired ? 'logon required' : '',
  ];
  const known = facts.filter((fact) => fact !== '').join(', ');
  const where = on.kind === 'any' ? 'anything' : on.kind === 'internet' ? 'the internet' : selectorText(on);
  const what = id === '' ? (known === '' ? 'every service' : known) : known === '' ? id : `${id} (${known})`;
  return `${what} on ${where}`;
}

function portsText(ports: readonly PortRange[]): string {
  return ports.length === 0
    ? ''
    : `/${ports.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(',')}`;
}
