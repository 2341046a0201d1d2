import type { ConfigProblem } from '@vedette/base'
import { isPlain } from './plain.ts'

/** Passwords that stand in examples, and in every list of passwords that somebody tries. */
const SAMPLE_PASSWORDS = new Set([
  'password',
  'pass',
  'secret',
  'changeme',
  'example',
  'postgres',
  'admin',
  'test',
])

/** URLs with a name and password that stand in examples: a lock of which everybody has the key. */
export function sampleProblems(data: unknown, path: readonly string[] = []): ConfigProblem[] {
  if (isPlain(data))
    return Object.entries(data).flatMap(([key, value]) => sampleProblems(value, [...path, key]))
  if (typeof data !== 'string' || !data.includes('@')) return []
  const password = URL.parse(data)?.password ?? ''
  if (!SAMPLE_PASSWORDS.has(password.toLowerCase())) return []
  return [
    {
      path: path.join('.'),
      value: '[secret]',
      expected: 'is refused: its password is one from an example; expected one of your own',
    },
  ]
}
