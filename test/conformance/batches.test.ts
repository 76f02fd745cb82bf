// Packets judged in batches get the verdicts of the same packets judged one by one: runs of packets between other steps, and rows that fall out of the kernel in the middle.

import { expect, it } from 'vitest';
import { BATCH_FLAGS, Engine, PacketBatch } from '#engine';
import { AddressTable, newObservation, newVerdict, type Observation } from '#model';
import { type Packet, type Step, type Story, storyOf } from './stories.ts';

const STORIES = 300;
/** A machine that others use as well takes its time. */
const MS_MAX = 180_000;

function observationOf(packet: Packet, addresses: AddressTable): Observation {
  const { kind: _, source, destination, ...rest } = packet;
  return { ...newObservation(), ...rest, source: addresses.intern(source), destination: addresses.intern(destination) };
}

/** Takes a step that is no packet. */
function take(engine: Engine, step: Exclude<Step, Packet>, addresses: AddressTable): void {
  if (step.kind === 'apply') engine.apply(step.policy, step.at);
  else if (step.kind === 'advance') engine.advance(step.at);
  else if (step.kind === 'quarantine') engine.setQuarantine(step.element, step.isQuarantined, step.at);
  else if (step.kind === 'logon')
    engine.setLogon({ element: step.element, factor: step.factor, at: step.since }, step.at);
  else engine.bindName({ ...step, client: addresses.intern(step.client), server: addresses.intern(step.server) });
}

function oneByOne({ policy, start, steps }: Story): readonly string[] {
  const addresses = new AddressTable();
  const engine = new Engine({ policy, addresses, start });
  const verdict = newVerdict();
  const told: string[] = [];
  for (const step of steps) {
    if (step.kind !== 'packet') take(engine, step, addresses);
    else {
      engine.judge(observationOf(step, addresses), verdict);
      const { reasons, rule, guardrail, isEnforced, isFromInitiator, isOpening, initiator, responder } = verdict;
      told.push([reasons, rule, guardrail, isEnforced, isFromInitiator, isOpening, initiator, responder].join());
    }
  }
  return [...told, JSON.stringify(engine.takeEvents())];
}

function inBatches({ policy, start, steps }: Story): readonly string[] {
  const addresses = new AddressTable();
  const engine = new Engine({ policy, addresses, start });
  const batch = new PacketBatch(steps.length);
  const verdict = newVerdict();
  const told: string[] = [];
  let count = 0;
  const flush = (): void => {
    engine.decide(batch, count);
    for (let row = 0; row < count; row++) {
      const flags = batch.flags(row);
      const is = [BATCH_FLAGS.isEnforced, BATCH_FLAGS.isFromInitiator, BATCH_FLAGS.isOpening].map(
        (bit) => (flags & bit) !== 0,
      );
      batch.read(row, verdict);
      const { reasons, rule, guardrail, initiator, responder } = verdict;
      told.push([reasons, rule, guardrail, ...is, initiator, responder].join());
    }
    count = 0;
  };
  for (const step of steps) {
    if (step.kind === 'packet') batch.set(count++, observationOf(step, addresses));
    else {
      flush();
      take(engine, step, addresses);
    }
  }
  flush();
  return [...told, JSON.stringify(engine.takeEvents())];
}

/** Every packet three times over, so that most of them are of live sessions. */
function tripled(story: Story): Story {
  const steps = story.steps.flatMap((step): readonly Step[] => (step.kind === 'packet' ? [step, step, step] : [step]));
  return { ...story, steps };
}

it(
  `Engine.decide() answers ${STORIES} random stories as Engine.judge() does`,
  () => {
    for (let seed = 1; seed <= STORIES; seed++) {
      const story = tripled(storyOf(seed));
      expect(inBatches(story), `seed ${seed}`).toEqual(oneByOne(story));
    }
  },
  MS_MAX,
);

/** Asks about every run of packets between other steps, before and after each was asked alone; how many questions were answered otherwise. */
function askedOtherwise({ policy, start, steps }: Story): { asked: number; otherwise: readonly string[] } {
  const addresses = new AddressTable();
  const engine = new Engine({ policy, addresses, start });
  const batch = new PacketBatch(steps.length);
  const verdict = newVerdict();
  const otherwise: string[] = [];
  let asked = 0;
  let run: Observation[] = [];
  const textOf = (): string => {
    const { reasons, rule, guardrail, isEnforced, isFromInitiator, initiator, responder } = verdict;
    return [reasons, rule, guardrail, isEnforced, isFromInitiator, initiator, responder].join();
  };
  const ask = (): void => {
    const now = run.at(-1)?.at ?? 0;
    for (const round of [1, 2]) {
      for (const [row, observation] of run.entries()) batch.set(row, observation);
      engine.checkRows(batch, run.length, now);
      for (const [row, observation] of run.entries()) {
        batch.read(row, verdict);
        const inBatch = textOf();
        engine.check({ ...observation, at: now }, verdict);
        if (inBatch !== textOf()) otherwise.push(`round ${round} row ${row}: ${inBatch} for ${textOf()}`);
        asked++;
      }
    }
    for (const observation of run) engine.judge(observation, verdict);
    run = [];
  };
  for (const step of steps) {
    if (step.kind === 'packet') run.push(observationOf(step, addresses));
    else {
      ask();
      take(engine, step, addresses);
    }
  }
  ask();
  return { asked, otherwise };
}

it(
  `Engine.checkRows() answers ${STORIES} random stories as Engine.check() does, whatever was asked before`,
  () => {
    let questions = 0;
    for (let seed = 1; seed <= STORIES; seed++) {
      const { asked, otherwise } = askedOtherwise(storyOf(seed));
      expect(otherwise, `seed ${seed}`).toEqual([]);
      questions += asked;
    }
    expect(questions).toBeGreaterThan(7_500);
  },
  MS_MAX,
);
