/** The whole number that follows the first occurrence of `label`, blanks skipped; 0 where there is none. */
export function numberAfter(text: Buffer, label: string): number {
  const found = text.indexOf(label, 0, 'latin1')
  if (found < 0) return 0
  let at = found + label.length
  while (text[at] === 0x20) at += 1
  let value = 0
  for (; at < text.length; at += 1) {
    const digit = (text[at] as number) - 0x30
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  return value
}

/** The sum of the whole numbers that follow each occurrence of `label`. */
export function sumAfter(text: Buffer, label: string): number {
  let sum = 0
  for (let at = text.indexOf(label, 0, 'latin1'); at >= 0; at = text.indexOf(label, at + 1, 'latin1')) {
    sum += numberAfter(text.subarray(at), label)
  }
  return sum
}
