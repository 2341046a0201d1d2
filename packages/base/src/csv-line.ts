/**
 * One line of CSV (RFC 4180, section 2). A field that a spreadsheet would take for a formula gets an apostrophe before it:
 * the text comes from an attacker.
 */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}\r\n`
}

function csvField(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
