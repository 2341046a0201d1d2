import { Buffer } from 'node:buffer'
import type { RecordFormat } from '../record-format.ts'
import { CHUNK_BYTES, CHUNK_MAGIC } from './chunk.ts'
import { EvtxReader, FILE_HEADER_BYTES, FILE_MAGIC } from './reader.ts'

function standsAt(magic: Buffer, bytes: Uint8Array, offset: number): boolean {
  const end = offset + magic.length
  return bytes.length >= end && Buffer.compare(bytes.subarray(offset, end), magic) === 0
}

/** Windows event logs since Vista. The records are flat, with the names of `windows-event/fields.ts`. */
export const evtxFormat: RecordFormat = {
  name: 'evtx',
  // Nothing of a file's header is needed to read its chunks.
  recognises: (head) => standsAt(FILE_MAGIC, head, 0) || standsAt(CHUNK_MAGIC, head, FILE_HEADER_BYTES),
  cut: { headerBytes: FILE_HEADER_BYTES, partBytes: CHUNK_BYTES },
  open: () => new EvtxReader(),
}
