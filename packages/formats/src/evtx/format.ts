import { Buffer } from 'node:buffer'
import type { RecordFormat } from '../record-format.ts'
import { CHUNK_BYTES } from './chunk.ts'
import { EvtxReader, FILE_HEADER_BYTES, FILE_MAGIC } from './reader.ts'

/** Windows event logs since Vista. The records are flat, with the names of `windows-event/fields.ts`. */
export const evtxFormat: RecordFormat = {
  name: 'evtx',
  recognises: (head) =>
    head.length >= FILE_MAGIC.length && Buffer.compare(head.subarray(0, FILE_MAGIC.length), FILE_MAGIC) === 0,
  cut: { headerBytes: FILE_HEADER_BYTES, partBytes: CHUNK_BYTES },
  open: () => new EvtxReader(),
}
