// The requests of the agent's socket, each with its answer: the one list that server, client and commands share. Not what they do.

import type { Factor, Mode } from '#model';
import type {
  CallerClaim,
  ChangeRequest,
  DoneAnswer,
  ElementsAnswer,
  HistoryAnswer,
  PlanAnswer,
  PolicyAnswer,
  StatusAnswer,
} from './api.ts';
import type {
  FindingsAnswer,
  FindingView,
  FlowsAnswer,
  FlowView,
  LogonAnswer,
  NamesAnswer,
  NameView,
  ProposalAnswer,
  VerdictsAnswer,
  VerdictView,
  WhyAnswer,
} from './api-records.ts';

/** Rows wanted of a record; not stated: all that are kept. */
export interface ListRequest {
  readonly count?: number;
}

/** Request name → what it takes and what it answers. An element may be named by its id; `selector` is an id, `key=value`, `kind=server` or `all`. */
export interface Requests {
  readonly status: { readonly takes: Record<never, never>; readonly answers: StatusAnswer };
  readonly elements: { readonly takes: Record<never, never>; readonly answers: ElementsAnswer };
  /** Takes somebody of the inbox into the policy: by its id, MAC or address. */
  readonly approve: {
    readonly takes: ChangeRequest & {
      readonly newcomer: string;
      readonly name?: string;
      readonly kind?: string;
      readonly labels?: Readonly<Record<string, string>>;
    };
    readonly answers: PlanAnswer;
  };
  /** Sets labels of an element; a value of null takes the label away. */
  readonly label: {
    readonly takes: ChangeRequest & {
      readonly element: string;
      readonly labels: Readonly<Record<string, string | null>>;
    };
    readonly answers: PlanAnswer;
  };
  readonly remove: { readonly takes: ChangeRequest & { readonly element: string }; readonly answers: PlanAnswer };
  readonly mode: {
    readonly takes: ChangeRequest & { readonly selector: string; readonly mode: Mode };
    readonly answers: PlanAnswer;
  };
  /**
   * Puts one service of an element in mode protect. The service is one of the policy, a well-known name (`ssh`), a port (`22`, `53/udp`), or a program
   * that listens here. `element` not stated: this host. `allow`: whom a new rule admits, where no rule speaks of the service: those seen (if not stated),
   * nobody, or these.
   */
  readonly protect: {
    readonly takes: ChangeRequest & {
      readonly service: string;
      readonly element?: string;
      readonly allow?: 'seen' | 'nobody' | readonly string[];
    };
    readonly answers: PlanAnswer;
  };
  readonly unprotect: {
    readonly takes: ChangeRequest & { readonly service: string; readonly element?: string };
    readonly answers: PlanAnswer;
  };
  readonly quarantine: {
    readonly takes: {
      readonly element: string;
      /** Not stated: until released. */
      readonly seconds?: number;
      readonly reason: string;
      /** Also where the element is marked safety-critical. */
      readonly isForced?: boolean;
    };
    readonly answers: DoneAnswer;
  };
  readonly release: { readonly takes: { readonly element: string }; readonly answers: DoneAnswer };
  readonly policy: { readonly takes: { readonly revision?: number }; readonly answers: PolicyAnswer };
  /** Plans or applies a whole text. `file` is only named in problems. */
  readonly apply: {
    readonly takes: ChangeRequest & { readonly text: string; readonly file?: string };
    readonly answers: PlanAnswer;
  };
  /** Keeps what waits: from the user who applied it, in a new session. */
  readonly confirm: { readonly takes: Record<never, never>; readonly answers: DoneAnswer };
  /** Takes back what waits at once. */
  readonly rollback: { readonly takes: Record<never, never>; readonly answers: DoneAnswer };
  readonly history: { readonly takes: Record<never, never>; readonly answers: HistoryAnswer };
  /** Puts the revision before the one in force (or the one named) in force again. */
  readonly undo: { readonly takes: ChangeRequest & { readonly revision?: number }; readonly answers: PlanAnswer };
  readonly flows: { readonly takes: ListRequest; readonly answers: FlowsAnswer };
  readonly verdicts: { readonly takes: ListRequest; readonly answers: VerdictsAnswer };
  readonly names: { readonly takes: ListRequest; readonly answers: NamesAnswer };
  readonly findings: { readonly takes: ListRequest; readonly answers: FindingsAnswer };
  readonly why: {
    readonly takes: {
      readonly from: string;
      readonly to: string;
      readonly service?: string;
      readonly protocol?: number;
      readonly port?: number;
    };
    readonly answers: WhyAnswer;
  };
  readonly proposal: { readonly takes: Record<never, never>; readonly answers: ProposalAnswer };
  readonly logon: {
    readonly takes: { readonly element: string; readonly factors: readonly Factor[] };
    readonly answers: LogonAnswer;
  };
  readonly logoff: {
    readonly takes: { readonly element: string; readonly factors: readonly Factor[] };
    readonly answers: LogonAnswer;
  };
  /** Opens one connection from an element or address to a service, once, within `seconds`. */
  readonly ticket: {
    readonly takes: { readonly from: string; readonly service: string; readonly seconds: number };
    readonly answers: DoneAnswer;
  };
  /** Begins to take policies from the domain that this machine has joined: its membership is on disk by now. */
  readonly relink: { readonly takes: Record<never, never>; readonly answers: DoneAnswer };
  /** Puts a signed policy of the domain in force that was carried here in a file. */
  readonly takeSigned: { readonly takes: { readonly text: string }; readonly answers: DoneAnswer };
  /** Gives the membership up. The policy in force stays and is a local one from then on. */
  readonly leave: { readonly takes: Record<never, never>; readonly answers: DoneAnswer };
  /** Ends the agent and leaves the table: grants run out, denials stay. */
  readonly stop: { readonly takes: Record<never, never>; readonly answers: DoneAnswer };
  /** Takes the table and every setting back and ends the agent; with `isPurge` forgets what is on disk as well. */
  readonly down: { readonly takes: { readonly isPurge?: boolean }; readonly answers: DoneAnswer };
}

export type RequestName = keyof Requests;

/** What each request does. */
export type Handlers = {
  readonly [Name in RequestName]: (
    takes: Requests[Name]['takes'],
    claim: CallerClaim | null,
  ) => Promise<Requests[Name]['answers']>;
};

/** Records that can be followed: each line is one row, from the request on. */
export interface Follows {
  readonly flows: FlowView;
  readonly verdicts: VerdictView;
  readonly names: NameView;
  readonly findings: FindingView;
}

export type FollowName = keyof Follows;

/** Where the agent listens if nothing else is said. */
export const RUN_DIRECTORY = '/run/picket';
export const STATE_DIRECTORY = '/var/lib/picket';
export const SOCKET_NAME = 'agent.sock';

/** Headers that carry the caller's claim. */
export const CALLER_PID_HEADER = 'picket-pid';
export const CALLER_SSH_HEADER = 'picket-ssh-connection';
