import { InvalidArgumentError } from 'commander'

/** Values of an option that may be repeated. */
export function gather(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** `name=value`, repeated: several values of a name are a list. */
export function gatherParameters(
  text: string,
  before: Readonly<Record<string, string | readonly string[]>> = {},
): Readonly<Record<string, string | readonly string[]>> {
  const found = /^([A-Za-z][\w-]*)=(.*)$/s.exec(text)
  if (!found) throw new InvalidArgumentError('Expected name=value.')
  const [, name = '', value = ''] = found
  const known = Object.hasOwn(before, name) ? before[name] : undefined
  return { ...before, [name]: known === undefined ? value : [known, value].flat() }
}
