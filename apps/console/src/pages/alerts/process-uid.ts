/**
 * The start of a process, in clock ticks since boot, out of its uid (`<boot id>-<pid>-<ticks>`): with it an action can
 * only hit that very process, also when its pid is used again. Undefined where the uid has another form.
 */
export function startTicksOf(uid: string): number | undefined {
  const ticks = /^[0-9a-f]{8}-\d+-(\d+)$/.exec(uid)?.[1]
  return ticks === undefined ? undefined : Number(ticks)
}
