/** What an import did or, in a dry run, would do. */
export interface ImportAnswer {
  readonly dry_run: boolean
  readonly format: string
  readonly unit: 'line' | 'item'
  readonly read: number
  readonly valid: number
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly removed: number
  readonly malformed_count: number
  readonly malformed: readonly { readonly place: number; readonly reason: string; readonly text: string }[]
  readonly duplicate_count: number
  readonly suspect_count: number
  readonly suspects: readonly {
    readonly place: number
    readonly value: string
    readonly reason: string
  }[]
}

export interface ImportRequest {
  readonly content: string
  readonly source: string
  readonly mode: 'add' | 'replace'
  readonly dry_run: boolean
  readonly leave_out_suspects: boolean
}

/**
 * Sends a file's text to the server, which reads it.
 *
 * @throws {Error} with the server's words where it refuses
 */
export async function importIndicators(request: ImportRequest): Promise<ImportAnswer> {
  const response = await fetch('/api/ioc/import', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  })
  const body = (await response.json()) as ImportAnswer & { readonly error?: { readonly message: string } }
  if (!response.ok) throw new Error(body.error?.message ?? `The server answered ${response.status}`)
  return body
}
