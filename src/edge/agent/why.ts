// Why a connection would pass or not: what the policy says, what the compiled content says, what the kernel does. They must agree.

import { ProbeError, probeKernel } from '#enforce';
import { ask } from '#engine';
import {
  addressText,
  emptyQuestion,
  NO_PORT,
  type Policy,
  PROTOCOL,
  parseAddress,
  parseMac,
  type Question,
  type Service,
} from '#model';
import type { WhyAnswer, WhyOpinion } from './api-records.ts';
import { plainReason } from './marks.ts';
import type { KernelQuestion } from './options.ts';
import type { Parts } from './parts.ts';
import type { Requests } from './requests.ts';
import { AgentError } from './trouble.ts';

export async function whyLive(parts: Parts, takes: Requests['why']['takes']): Promise<WhyAnswer> {
  const { settled, desk } = parts;
  const { policy } = desk.inForce;
  for (const end of [takes.from, takes.to]) checkEnd(policy, end);
  const service = serviceOf(policy, takes.service);
  const question: Question = {
    ...emptyQuestion(takes.from, takes.to),
    service: service?.id ?? null,
    protocol: takes.protocol ?? (takes.port === undefined ? null : PROTOCOL.tcp),
    port: takes.port ?? null,
    at: { kind: 'instant', instant: settled.now() },
  };
  const intent = intentOf(policy, question, parts);
  const asked = kernelQuestion(parts, question, service);
  const kernel = asked === null ? null : await settled.askKernel(asked);
  const compiled = asked === null ? null : compiledOf(parts, asked);
  const opinions = [intent, ...[compiled, kernel].filter((one) => one !== null)];
  const passes = opinions.map(({ isPermitted, isEnforced }) => isPermitted || !isEnforced);
  return { schema: 'picket.why-live/v1', intent, compiled, kernel, doAgree: new Set(passes).size === 1 };
}

function checkEnd({ elements }: Policy, end: string): void {
  const isKnown =
    end === 'internet' ||
    elements.some(({ id }) => id === end) ||
    parseAddress(end) !== null ||
    parseMac(end) !== null ||
    end.includes('.');
  if (isKnown) return;
  throw new AgentError({
    code: 'PICKET-G029',
    message: `"${end}" is no element of the policy, no address, no MAC and no DNS name`,
    help: 'see: picket elements ls',
  });
}

function serviceOf({ services }: Policy, id: string | undefined): Service | null {
  if (id === undefined) return null;
  const found = services.find((one) => one.id === id);
  if (found !== undefined) return found;
  throw new AgentError({
    code: 'PICKET-G029',
    message: `there is no service "${id}" in the policy`,
    help: 'name a port instead (:22), or see: picket status',
  });
}

function intentOf(policy: Policy, question: Question, { settled, logons, quarantines }: Parts): WhyOpinion {
  const now = settled.now();
  const first = ask(policy, question, now);
  const logon = logons.all
    .filter(({ element }) => element === first.initiator)
    .map(({ factor, at }) => ({ factor, age: now - (at ?? now) }));
  const answer = logon.length === 0 ? first : ask(policy, { ...question, logon }, now);
  const isOut = [answer.initiator, answer.responder].some((id) => id !== null && quarantines.has(id));
  return {
    isPermitted: answer.isPermitted && !isOut,
    isEnforced: answer.isEnforced || isOut,
    reasons: isOut ? ['quarantined'] : answer.reasons.map(({ reason }) => reason),
    rule: answer.rule,
    guardrail: answer.guardrail,
    steps: answer.steps.map(({ step, state, value }) => `${step}: ${state}, ${value}`),
  };
}

function compiledOf({ table, desk }: Parts, { from, to, protocol, port }: KernelQuestion): WhyOpinion | null {
  const [initiator, responder] = [parseAddress(from), parseAddress(to)];
  if (initiator === null || responder === null) return null;
  const opinion = table.opinion({ from: initiator, to: responder, protocol, port });
  if (opinion === null) return null;
  const rule = opinion.place >= 0 ? (desk.inForce.policy.rules[opinion.place]?.id ?? null) : null;
  return {
    isPermitted: opinion.verdict === 'permit',
    isEnforced: opinion.isHeld,
    reasons: opinion.reason === null ? [] : [plainReason(opinion.reason)],
    rule: table.meaningOf(opinion.mark)?.rule ?? rule,
    guardrail: null,
    steps: opinion.steps,
  };
}

/** The question with addresses and numbers, or null where one end has no single address that a packet could carry. */
function kernelQuestion(parts: Parts, question: Question, service: Service | null): KernelQuestion | null {
  const from = addressOf(parts, question.from);
  const to = addressOf(parts, question.to);
  const protocol = service?.protocol ?? question.protocol;
  if (from === null || to === null || protocol === null) return null;
  return { from, to, protocol, port: service?.ports[0]?.from ?? question.port ?? NO_PORT };
}

function addressOf({ desk, monitor }: Parts, end: string): string | null {
  const bytes = parseAddress(end);
  if (bytes !== null) return addressText(bytes);
  const element = desk.inForce.policy.elements.find(({ id }) => id === end);
  const exact = element?.addresses.find(({ length }) => length === WHOLE);
  if (exact !== undefined) return addressText(exact.bytes);
  return element === undefined ? null : monitor.macs.addressOf(element.macs);
}

/** Bits of a single address, as prefixes count them. */
const WHOLE = 128;

/** Asks the kernel by a probe; null where it cannot be asked. */
export function probeOpinion(prefix: readonly string[]): (question: KernelQuestion) => Promise<WhyOpinion | null> {
  return async (question) => {
    try {
      const { verdict, steps } = await probeKernel({ ...question, packetSize: null }, { prefix });
      if (verdict === 'unseen') return null;
      const isPermitted = verdict === 'permit';
      return { isPermitted, isEnforced: !isPermitted, reasons: [], rule: null, guardrail: null, steps };
    } catch (error) {
      if (error instanceof ProbeError) return null;
      throw error;
    }
  };
}
