import { Batch } from '../lines/batch.ts'
import type { RecordBatch, RecordFormat, RecordReader } from '../record-format.ts'
import { addJournalRecord } from '../syslog/journal.ts'

/** Longest field that is read; what is longer is passed over. */
const MAX_FIELD_BYTES = 1_048_576
const MAX_ENTRY_BYTES = 2_097_152
const MAX_FIELDS = 1024
const NEWLINE = 10
const EQUALS = 61
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

/** The journal as `journalctl -o export` writes it ("Journal Export Formats", systemd.io). Records as of the journal itself. */
export const journalExportFormat: RecordFormat = {
  name: 'journal-export',
  cut: 'whole',
  recognises(head) {
    const text = Buffer.from(head.subarray(0, 4096)).toString('latin1')
    return /^__[A-Z_]{1,62}=[^\n]*\n/.test(text) && /(?:^|\n)__REALTIME_TIMESTAMP=\d{1,20}\n/.test(text)
  },
  open: () => new ExportReader(),
}

/** What is read: the name of a field or the whole of it, the size of a binary one, its bytes, or what is passed over. */
type State = 'line' | 'size' | 'bytes' | 'long-line'

class ExportReader implements RecordReader {
  #state: State = 'line'
  #kept = Buffer.alloc(0)
  #name = ''
  /** Bytes of a binary field that are still to come, its line feed included. */
  #left = 0
  #pieces: Buffer[] = []
  #offset = 0
  #fields: Record<string, string> = {}
  #fieldCount = 0
  #entryOffset = 0
  #entryBytes = 0
  #number = 0
  #batch = new Batch()

  push(bytes: Uint8Array): RecordBatch {
    let rest = this.#kept.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#kept, bytes])
    const start = this.#offset - this.#kept.length
    let at = 0
    for (let taken = this.#take(rest, start); taken > 0; taken = this.#take(rest, start + at)) {
      at += taken
      rest = rest.subarray(taken)
    }
    this.#offset += bytes.length
    this.#kept = Buffer.from(rest)
    return this.#taken()
  }

  end(): RecordBatch {
    if (this.#kept.length > 0 || this.#state !== 'line') this.#batch.reject(this.#entryOffset, 'truncated')
    this.#finish()
    return this.#taken()
  }

  /** Takes what it can from the beginning of these bytes; how many that were. */
  #take(bytes: Buffer, offset: number): number {
    if (bytes.length === 0) return 0
    if (this.#state === 'size') {
      if (bytes.length < 8) return 0
      const size = bytes.readBigUInt64LE(0)
      if (size > 0xffff_ffffn) {
        // Where the next field begins is not known: the next blank line ends the entry.
        this.#batch.reject(offset, 'field-too-large')
        this.#state = 'long-line'
        return 8
      }
      this.#left = Number(size) + 1
      this.#state = 'bytes'
      return 8
    }
    if (this.#state === 'bytes') {
      const piece = bytes.subarray(0, this.#left)
      this.#left -= piece.length
      if (this.#entryBytes + piece.length <= MAX_ENTRY_BYTES) this.#pieces.push(Buffer.from(piece))
      this.#entryBytes += piece.length
      if (this.#left === 0) {
        const value = Buffer.concat(this.#pieces)
        this.#pieces = []
        if (value.length <= MAX_FIELD_BYTES)
          this.#set(this.#name, value.toString('utf8', 0, Math.max(0, value.length - 1)))
        else this.#batch.reject(offset, 'field-too-large')
        this.#state = 'line'
      }
      return piece.length
    }
    const end = bytes.indexOf(NEWLINE)
    if (end < 0) {
      if (bytes.length <= MAX_FIELD_BYTES) return 0
      if (this.#state === 'line') this.#batch.reject(offset, 'field-too-large')
      this.#state = 'long-line'
      return bytes.length
    }
    if (this.#state === 'line') this.#line(bytes.subarray(0, end), offset)
    else this.#state = 'line'
    return end + 1
  }

  #line(line: Buffer, offset: number): void {
    if (line.length === 0) {
      this.#finish()
      this.#entryOffset = offset + 1
      return
    }
    this.#entryBytes += line.length
    const equals = line.indexOf(EQUALS)
    const name = line.toString('latin1', 0, Math.min(equals < 0 ? line.length : equals, 65))
    if (!NAME.test(name)) {
      this.#batch.reject(offset, 'no-field')
      return
    }
    if (equals < 0) {
      this.#name = name
      this.#state = 'size'
    } else if (this.#entryBytes > MAX_ENTRY_BYTES) this.#batch.reject(offset, 'entry-too-large')
    else this.#set(name, line.toString('utf8', equals + 1))
  }

  #set(name: string, value: string): void {
    this.#fieldCount += 1
    if (this.#fieldCount <= MAX_FIELDS) this.#fields[name] = value
  }

  #finish(): void {
    const fields = this.#fields
    const isEmpty = this.#fieldCount === 0
    this.#fields = {}
    this.#fieldCount = 0
    this.#entryBytes = 0
    if (isEmpty) return
    this.#number += 1
    if (fields['__REALTIME_TIMESTAMP'] === undefined) this.#batch.reject(this.#entryOffset, 'no-time')
    else addJournalRecord(fields, this.#number, this.#batch)
  }

  #taken(): RecordBatch {
    const batch = this.#batch
    this.#batch = new Batch()
    return batch
  }
}
