/** Whether a value is a mapping of keys to values, as YAML and JSON have them. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
