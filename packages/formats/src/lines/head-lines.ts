/** Lines that are looked at. */
const LINES_TRIED = 16

/**
 * Whether the first lines of a file are of a kind: those that `isOne` holds for, out of up to 16 that are not blank, are
 * at least this share. One line alone decides nothing: what stands in a line is often an attacker's, and a file that
 * is taken for another kind is not read.
 */
export function areLines(head: Uint8Array, isOne: (line: string) => boolean, share: number): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1')
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const tried = lines.slice(0, LINES_TRIED)
  return tried.length > 0 && tried.filter(isOne).length >= tried.length * share
}

/** The first line that is not blank, as Latin-1 and without the mark that says UTF-8. */
export function firstLine(head: Uint8Array): string {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1')
  return /\S[^\r\n]*/.exec(text.replace(/^ï»¿/, ''))?.[0] ?? ''
}
