/** A set of rules by their positions: bit n % 32 of word n / 32. */
export type RuleBits = Int32Array

export function emptyBits(rules: number): RuleBits {
  return new Int32Array(Math.ceil(rules / 32))
}

export function addRule(bits: RuleBits, rule: number): void {
  bits[rule >>> 5] = (bits[rule >>> 5] as number) | (1 << (rule & 31))
}

export function addRules(bits: RuleBits, rules: readonly number[]): void {
  for (let i = 0; i < rules.length; i += 1) addRule(bits, rules[i] as number)
}

/** The set as pairs of a word's place and the word, for sets of few rules. */
export function toWords(bits: RuleBits): Int32Array {
  const words: number[] = []
  for (let i = 0; i < bits.length; i += 1) if (bits[i] !== 0) words.push(i, bits[i] as number)
  return Int32Array.from(words)
}

export function addWords(bits: RuleBits, words: Int32Array): void {
  for (let i = 0; i < words.length; i += 2) {
    const at = words[i] as number
    bits[at] = (bits[at] as number) | (words[i + 1] as number)
  }
}
