import type { Batch } from '../lines/batch.ts'
import { LogSources } from './log-sources.ts'

/** An object out of JSON text. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Takes values out of JSON text as records, and tells by their keys where they come from. */
export class JsonRecords {
  readonly #sources = new LogSources()
  readonly #fileName: string

  constructor(fileName: string) {
    this.#fileName = fileName
  }

  /** The reason, where the value is no record. */
  add(value: unknown, number: number, batch: Batch): string | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not-an-object'
    const record = value as JsonObject
    const { product, category, service } = record
    batch.add(record, number, this.#sources.get(textOf(product), textOf(category), textOf(service)))
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
