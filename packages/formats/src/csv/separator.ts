/** The separator of a CSV file by its header line: that of comma, semicolon, tab and bar which occurs most. */
export function separatorOf(header: string): string | undefined {
  let best: string | undefined
  let most = 0
  for (const separator of [',', ';', '\t', '|']) {
    const count = header.split(separator).length - 1
    if (count > most) {
      best = separator
      most = count
    }
  }
  return best
}

/** What PowerShell (`#TYPE …`) and Excel (`sep=;`) write before the header line. */
export function isPreamble(line: string): boolean {
  return /^#TYPE \S|^sep=.$/i.test(line)
}
