import type { NetworkEvent, ProtocolEvent } from '@vedette/model'
import { readUnit } from './read-unit.ts'
import { faultOf, recognise } from './source-file.ts'
import { findTargets, reasonOf, type Unreadable } from './targets.ts'
import { unitsOf } from './units.ts'

/** What a piece of a capture told. */
export interface CaptureEvents {
  readonly file: string
  readonly events: readonly (NetworkEvent | ProtocolEvent)[]
  /** After which packet of the file each was known; as long as `events`. */
  readonly numbers: readonly number[]
  readonly unreadable: readonly Unreadable[]
}

const CAPTURE_FORMAT = 'pcap'

/**
 * The conversations, and what was said in them, of captures and of folders that hold such, also packed, in the order in which
 * they were known. Other files of a folder are passed over. Never throws for what a file holds.
 */
export async function* readCaptures(
  paths: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<CaptureEvents> {
  const { files, unreadable } = await findTargets(paths, signal)
  for (const one of unreadable) yield { file: one.file, events: [], numbers: [], unreadable: [one] }
  for (const file of files) {
    const { path } = file
    const fault = (reason: string): CaptureEvents => ({
      file: path,
      events: [],
      numbers: [],
      unreadable: [{ file: path, reason }],
    })
    try {
      const found = await recognise(path, file.named)
      const { format, compression, name } = found
      if (format?.name !== CAPTURE_FORMAT || compression === 'unsupported' || compression === 'archive') {
        const reason = faultOf(found, file.named) ?? 'no-capture'
        if (file.named) yield fault(reason === 'unknown-format' ? 'no-capture' : reason)
        continue
      }
      const [unit] = unitsOf(file, { format: format.name, cut: 'whole', compression, name }, 0)
      if (!unit) continue
      for await (const { records, baseOffset } of readUnit(unit)) {
        if (signal?.aborted) return
        yield {
          file: path,
          // The format gives nothing else.
          events: records.records as unknown as CaptureEvents['events'],
          numbers: records.numbers,
          unreadable: records.unreadable.map(({ offset, reason }) => ({
            file: path,
            offset: baseOffset + offset,
            reason,
          })),
        }
      }
    } catch (error) {
      yield fault(reasonOf(error))
    }
  }
}
