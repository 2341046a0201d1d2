/** Strings that mean one thing each: a host's id cannot be handed in where an alert's id is asked for. */
type Branded<Name extends string> = string & { readonly __brand: Name }

/** One organisation's data. Comes from the credential, never from a request. */
export type TenantId = Branded<'TenantId'>
/** One installed agent, given at its enrolment. Also the id of the host that it watches (`device.uid`). */
export type AgentId = Branded<'AgentId'>
/** `<agent>-<run>-<number>`, numbered from 0 within a run: made by the agent, so that a retry carries the same id. */
export type EventId = Branded<'EventId'>
/** Hash of the rule and the first event that made it fire, so that judging the same batch twice gives one alert. */
export type AlertId = Branded<'AlertId'>
export type IncidentId = Branded<'IncidentId'>
export type ResponseId = Branded<'ResponseId'>
/** `<boot id, 8 hex digits>-<pid>-<start, clock ticks>`: one process for ever, also when its pid is used again. */
export type ProcessUid = Branded<'ProcessUid'>
export type RuleId = Branded<'RuleId'>

/** The tenant of a house with a single one. */
export const DEFAULT_TENANT = '00000000-0000-4000-8000-000000000001' as TenantId

export function processUid(bootId: string, pid: number, startTicks: number): ProcessUid {
  return `${bootId.slice(0, 8)}-${pid}-${startTicks}` as ProcessUid
}
