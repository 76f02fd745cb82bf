// Door of the events: what the controller tells other systems: metrics, logs, security events.
// In: events as plain data, numbers to count, where to send. Out: Prometheus text, log lines, OCSF, ECS and CEF to files, syslog and webhooks.
// Never: a secret in any of them; a peer's address as a metric's label; a program that waits because a receiver is slow.

export type { DeliveryHealth } from './delivery.ts';
export type * from './event.ts';
export { Events, type EventsOptions } from './events.ts';
export { cefOf } from './formats/cef.ts';
export { ecsOf } from './formats/ecs.ts';
export { OCSF_VERSION, ocsfOf } from './formats/ocsf.ts';
export type { Product } from './formats/product.ts';
export { createLog, type Log, type LogLevel, type LogOptions } from './log.ts';
export { METRICS } from './metric-names.ts';
export { type Labels, type MetricDefinition, Metrics } from './metrics.ts';
export { eventsCodes, eventsPage } from './pages.ts';
export { type EventFormat, type EventReceiver, type ReceiverTarget, receiverTroubles } from './receiver.ts';
export { Secret } from './secret.ts';
export type { SyslogTarget } from './sinks/syslog.ts';
export { signatureOf } from './sinks/webhook.ts';
