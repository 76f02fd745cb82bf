// The command tree: which words lead to which command. A new command is a new file in commands/ and one line here.

import { type Application, buildRouteMap } from '@stricli/core';
import { applicationOf } from './application.ts';
import { agentsRoutes } from './commands/agents/routes.ts';
import { alertsRoutes } from './commands/alerts/routes.ts';
import { auditRoutes } from './commands/audit/routes.ts';
import { authorityCommands } from './commands/authority/authority.ts';
import { identitiesRoutes } from './commands/authority/identities.ts';
import { enrolTokenCommand, listTokensCommand, revokeTokenCommand } from './commands/authority/tokens.ts';
import { backupCommand } from './commands/backup/backup.ts';
import { restoreCommand } from './commands/backup/restore.ts';
import { collectCommand } from './commands/collect.ts';
import { completionCommand } from './commands/completion.ts';
import { controllerRoutes } from './commands/controller/routes.ts';
import { elementsRoutes } from './commands/elements/routes.ts';
import { explainCommand } from './commands/explain.ts';
import { exportRoutes } from './commands/export/routes.ts';
import { flowsCommand } from './commands/flows.ts';
import { gatewayRoutes } from './commands/gateway/routes.ts';
import { agentRoutes } from './commands/host/agent.ts';
import { doctorCommand } from './commands/host/doctor.ts';
import { downCommand } from './commands/host/down.ts';
import { joinCommand, leaveCommand } from './commands/host/join.ts';
import { logoffCommand, logonCommand, ticketCommand } from './commands/host/logon.ts';
import { modeCommand } from './commands/host/mode.ts';
import { protectCommand, unprotectCommand } from './commands/host/protect.ts';
import { findingsCommand, verdictsCommand } from './commands/host/records.ts';
import { servicesCommand } from './commands/host/services.ts';
import { statusCommand } from './commands/host/status.ts';
import { undoCommand } from './commands/host/undo.ts';
import { upCommand } from './commands/host/up.ts';
import { importRoutes } from './commands/import/routes.ts';
import { labRoutes } from './commands/lab/routes.ts';
import { learnCommand } from './commands/learn.ts';
import { namesCommand } from './commands/names.ts';
import { operationsCommand } from './commands/operations.ts';
import { apiTokenRoutes } from './commands/people/api-tokens.ts';
import { contextRoutes } from './commands/people/context.ts';
import { loginCommand, logoutCommand } from './commands/people/login.ts';
import { sessionRoutes } from './commands/people/sessions.ts';
import { userRoutes } from './commands/people/users.ts';
import { whoamiCommand } from './commands/people/whoami.ts';
import { applyCommand } from './commands/policy/apply.ts';
import { exportPolicyCommand, importPolicyCommand } from './commands/policy/carry.ts';
import { checkCommand } from './commands/policy/check.ts';
import { ciCommand } from './commands/policy/ci.ts';
import { diffCommand } from './commands/policy/diff.ts';
import { fmtCommand } from './commands/policy/fmt.ts';
import {
  confirmCommand,
  historyCommand,
  rollbackCommand,
  showCommand,
  suggestCommand,
} from './commands/policy/in-force.ts';
import { initCommand } from './commands/policy/init.ts';
import { planCommand } from './commands/policy/plan.ts';
import { schemaCommand } from './commands/policy/schema.ts';
import { testCommand } from './commands/policy/tests.ts';
import { proposalsRoutes } from './commands/proposals.ts';
import { replayCommand } from './commands/replay.ts';
import { rulesCommand } from './commands/rules.ts';
import { helpCommand, versionCommand } from './commands/version.ts';
import { whyCommand } from './commands/why.ts';
import type { PicketContext } from './context.ts';
import { description } from './help.ts';

const policyRoutes = buildRouteMap({
  routes: {
    init: initCommand,
    check: checkCommand,
    fmt: fmtCommand,
    test: testCommand,
    schema: schemaCommand,
    diff: diffCommand,
    plan: planCommand,
    apply: applyCommand,
    confirm: confirmCommand,
    rollback: rollbackCommand,
    history: historyCommand,
    show: showCommand,
    suggest: suggestCommand,
    export: exportPolicyCommand,
    import: importPolicyCommand,
    ci: ciCommand,
  },
  docs: { brief: 'Start, check, format, test and compare policies; put them in force' },
});

const tokenRoutes = buildRouteMap({
  routes: { enrol: enrolTokenCommand, ls: listTokensCommand, revoke: revokeTokenCommand, api: apiTokenRoutes },
  docs: { brief: 'Make and take back links by which elements join, and API tokens of programs' },
});

const root = buildRouteMap({
  routes: {
    flows: flowsCommand,
    collect: collectCommand,
    names: namesCommand,
    operations: operationsCommand,
    learn: learnCommand,
    replay: replayCommand,
    why: whyCommand,
    policy: policyRoutes,
    up: upCommand,
    down: downCommand,
    join: joinCommand,
    leave: leaveCommand,
    status: statusCommand,
    services: servicesCommand,
    doctor: doctorCommand,
    protect: protectCommand,
    unprotect: unprotectCommand,
    mode: modeCommand,
    elements: elementsRoutes,
    rules: rulesCommand,
    undo: undoCommand,
    verdicts: verdictsCommand,
    findings: findingsCommand,
    logon: logonCommand,
    logoff: logoffCommand,
    ticket: ticketCommand,
    login: loginCommand,
    logout: logoutCommand,
    whoami: whoamiCommand,
    context: contextRoutes,
    users: userRoutes,
    sessions: sessionRoutes,
    tokens: tokenRoutes,
    audit: auditRoutes,
    agents: agentsRoutes,
    identities: identitiesRoutes,
    authority: authorityCommands,
    agent: agentRoutes,
    alerts: alertsRoutes,
    proposals: proposalsRoutes,
    controller: controllerRoutes,
    backup: backupCommand,
    restore: restoreCommand,
    gateway: gatewayRoutes,
    lab: labRoutes,
    import: importRoutes,
    export: exportRoutes,
    explain: explainCommand,
    completion: completionCommand,
    version: versionCommand,
    help: helpCommand,
  },
  docs: {
    brief: 'Picket: who may use which service, when, how much, how large',
    fullDescription: description(
      'Picket learns what every element on a network does, writes it down as policy, judges traffic by it and says why.',
      [
        { line: 'picket learn site.pcap -o policy.yaml', what: 'a tight, readable policy from your own traffic' },
        { line: 'picket replay other.pcap --policy policy.yaml', what: 'what it would have denied' },
        { line: 'picket why camera-1 recorder:554 --policy policy.yaml', what: 'one verdict, explained' },
      ],
    ),
  },
});

export function picketApp(version: string): Application<PicketContext> {
  return applicationOf(root, version);
}
