/** Values that clients send so that servers learn to ignore what they do not know (RFC 8701, 2): 0x0a0a, 0x1a1a, ... */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff)
}

export const withoutGrease = (values: readonly number[]): number[] =>
  values.filter((value) => !isGrease(value))
