import type { LogSource } from '@vedette/model'
import type { ForeignRecord } from '../record-format.ts'

/** An object out of JSON text. */
export type JsonObject = Readonly<Record<string, unknown>>

/** A record, and where it comes from. */
export interface SourcedRecord {
  readonly record: ForeignRecord
  readonly source: LogSource
}

/** A tool that writes JSON objects. A line in `json-kinds.ts`. */
export interface JsonKind {
  /** Every object of this kind has this key; it is asked no further otherwise. */
  readonly key: string
  /**
   * Its records, usually the object itself; the reason, where it cannot be read; `undefined` where the object is of
   * another kind after all.
   */
  read(object: JsonObject, fileName: string): readonly SourcedRecord[] | string | undefined
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A kind whose objects are records as they are. */
export function plainKind(
  key: string,
  source: (object: JsonObject, fileName: string) => LogSource | undefined,
): JsonKind {
  return {
    key,
    read(object, fileName) {
      const found = source(object, fileName)
      return found && [{ record: object, source: found }]
    },
  }
}
