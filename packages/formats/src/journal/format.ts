import { Batch } from '../lines/batch.ts'
import type { RecordBatch, RecordFormat, RecordReader } from '../record-format.ts'
import { addJournalRecord } from '../syslog/journal.ts'
import { type JournalEntry, JournalFile } from './journal-file.ts'

/** Larger files are not read: journald begins a new one at 128 MiB by default. */
const MAX_FILE_BYTES = 512 * 1024 * 1024
const SIGNATURE = 'LPKSHHRH'
const ENTRIES_AT_ONCE = 1024

/**
 * Files of the systemd journal, as it writes them. Records are those of its lines of syslog, with the journal's own fields
 * beside; their numbers are counted from 1 in the order of the file. Entries lead to data anywhere in the file, so it is
 * held until its end.
 */
export const journalFormat: RecordFormat = {
  name: 'journal',
  cut: 'whole',
  recognises: (head) => Buffer.from(head.subarray(0, 8)).toString('latin1') === SIGNATURE,
  open: () => new JournalReader(),
}

class JournalReader implements RecordReader {
  #pieces: Buffer[] = []
  #bytes = 0
  #tooLarge = false

  push(bytes: Uint8Array): RecordBatch {
    if (this.#bytes + bytes.length > MAX_FILE_BYTES) {
      this.#tooLarge = true
      this.#pieces = []
    }
    this.#bytes += bytes.length
    if (!this.#tooLarge) this.#pieces.push(Buffer.from(bytes))
    return new Batch()
  }

  end(): RecordBatch {
    const batch = new Batch()
    if (this.#tooLarge) {
      batch.reject(0, 'file-too-large')
      return batch
    }
    const whole = Buffer.concat(this.#pieces)
    this.#pieces = []
    const file = JournalFile.open((offset, length) => whole.subarray(offset, offset + length))
    if (typeof file === 'string') {
      if (whole.length > 0) batch.reject(0, file)
      return batch
    }
    for (let next = 0, more = true; more;) {
      const read = file.readFrom(next, ENTRIES_AT_ONCE)
      for (const entry of read.entries) addEntry(entry, batch)
      // A damaged reference may lead out of the file.
      for (const { offset, reason } of read.faults) batch.reject(Math.min(offset, whole.length), reason)
      more = read.more && read.next > next
      next = read.next
    }
    return batch
  }
}

function addEntry(entry: JournalEntry, batch: Batch): void {
  const { index, offset, realtimeUs, monotonicUs, bootId, fields, fault } = entry
  if (fault !== undefined) batch.reject(offset, fault)
  const object = {
    ...fields,
    __REALTIME_TIMESTAMP: String(realtimeUs),
    __MONOTONIC_TIMESTAMP: String(monotonicUs),
    _BOOT_ID: bootId,
  }
  addJournalRecord(object, index + 1, batch)
}
