/** What a line of a service's log says happened. */
export interface ServiceFacts {
  /** Snake case: `cron_command`, `unit_failed`, `out_of_memory`, ... */
  readonly code: string
  /** Its details, by names of our own. */
  readonly fields: Readonly<Record<string, string>>
}

export interface ServiceForm {
  readonly code: string
  /** Named groups become fields. Tried in order; begins at the start of the message. */
  readonly pattern: RegExp
}

/** The facts of the first form that fits; a group that took no part is left out. */
export function factsOf(forms: readonly ServiceForm[], message: string): ServiceFacts | undefined {
  for (const { code, pattern } of forms) {
    const match = pattern.exec(message)
    if (match === null) continue
    const fields: Record<string, string> = {}
    for (const [name, value] of Object.entries(match.groups ?? {})) {
      // A group of an alternative that was not taken is undefined, whatever its type says.
      if ((value as string | undefined) !== undefined) fields[name] = value
    }
    return { code, fields }
  }
  return undefined
}
