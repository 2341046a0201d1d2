import type { SmbFacts } from '@vedette/model'
import { fileTimeMs, guid, u16, u32, u64, u64Hex, utf16 } from '../bytes/little-endian.ts'
import { hex } from '../bytes/text.ts'
import { readPdu } from '../dcerpc/pdu.ts'
import type { Conversation, Draft, OpenFile, Request } from './conversation.ts'
import { dialectName, dispositionName, smb2Command, statusName } from './names.ts'
import { readLogon } from './ntlm.ts'

const HEADER = 64
const RESPONSE = 1
const RELATED = 4
const PENDING = 0x103
const MOST_NAME = 1024
const DELETE_ON_CLOSE = 0x1000
const PIPE_TRANSCEIVE = 0x0011_c017
/** Messages that may be packed into one. */
const MOST_PACKED = 32
/** MS-SMB2, 2.2.14.1: a packed request names the file of the one before with this. */
const SAME_FILE = 'f'.repeat(32)

const NEGOTIATE = 0
const SESSION_SETUP = 1
const TREE_CONNECT = 3
const CREATE = 5
const READ = 8
const WRITE = 9
const IOCTL = 11
const CANCEL = 12
const CHANGE_NOTIFY = 15
const GET_INFO = 16
const SET_INFO = 17

/** Where a request says which file it is about (MS-SMB2, 2.2), by its command. */
const FILE_AT: Readonly<Record<number, number>> = {
  6: 8,
  7: 8,
  8: 16,
  9: 16,
  10: 8,
  11: 8,
  14: 8,
  15: 8,
  16: 24,
  17: 16,
}

const SHARE_TYPES = ['disk', 'pipe', 'print'] as const
const FILE_RENAME = 10
const FILE_DISPOSITION = 13
const FILE_DISPOSITION_EX = 64

/** Reads messages of SMB 2 and 3 (MS-SMB2), and hands the facts of each request, when it is answered, to `tell`. */
export function readSmb2(message: Uint8Array, known: Conversation, tell: (facts: SmbFacts) => void): void {
  let rest = message
  let before = ''
  for (let count = 0; count < MOST_PACKED && rest.length >= HEADER; count += 1) {
    const next = u32(rest, 20)
    const one = next >= HEADER && next < rest.length ? rest.subarray(0, next) : rest
    if ((u32(one, 16) & RESPONSE) === 0) before = readRequest(one, known, before, tell)
    else readResponse(one, known, tell)
    if (next < HEADER) return
    rest = rest.subarray(Math.min(next, rest.length))
    if (rest[0] !== 0xfe || rest[1] !== 0x53) return
  }
}

/** Gives the file that it is about, for the one after it. */
function readRequest(
  message: Uint8Array,
  known: Conversation,
  before: string,
  tell: (facts: SmbFacts) => void,
): string {
  const code = u16(message, 12)
  if (code === CANCEL) return before
  const body = message.subarray(HEADER)
  const fileAt = FILE_AT[code]
  const isRelated = (u32(message, 16) & RELATED) !== 0
  let fileId = fileAt === undefined ? '' : hex(body.subarray(fileAt, fileAt + 16))
  if (fileId === SAME_FILE && isRelated) fileId = before
  const tree = known.tree(u32(message, 36))
  const facts: Draft = {
    command: smb2Command(code),
    session_uid: u64Hex(message, 40),
    tree_uid: u32(message, 36),
    ...(tree !== undefined && {
      share: tree.share,
      ...(tree.type !== undefined && { share_type: tree.type }),
    }),
  }
  const file = known.file(fileId)
  if (fileId !== '' && fileId !== SAME_FILE) facts.file_uid = fileId
  if (file !== undefined) facts.file = file.name
  readRequestBody(code, message, body, facts, file)
  const request: Request = { facts, ...(file !== undefined && { file }) }
  const given = known.ask(u64Hex(message, 24), request)
  if (given !== undefined) tell(given.facts)
  return fileId
}

function readRequestBody(
  code: number,
  message: Uint8Array,
  body: Uint8Array,
  facts: Draft,
  file: OpenFile | undefined,
): void {
  const part = (offset: number, length: number): Uint8Array => message.subarray(offset, offset + length)
  switch (code) {
    case NEGOTIATE:
      facts.client_dialects = Array.from({ length: Math.min(u16(body, 2), 16) }, (_, at) =>
        dialectName(u16(body, 36 + at * 2)),
      )
      return
    case SESSION_SETUP:
      Object.assign(facts, readLogon(part(u16(body, 12), u16(body, 14))))
      return
    case TREE_CONNECT:
      facts.share = utf16(message, u16(body, 4), Math.min(u16(body, 6), MOST_NAME * 2))
      return
    case CREATE:
      facts.file = utf16(message, u16(body, 44), Math.min(u16(body, 46), MOST_NAME * 2))
      facts.open_type = dispositionName(u32(body, 36))
      facts.delete_on_close = (u32(body, 40) & DELETE_ON_CLOSE) !== 0
      return
    case WRITE:
      readCall(part(u16(body, 2), u32(body, 4)), facts, file)
      return
    case IOCTL:
      if (u32(body, 4) === PIPE_TRANSCEIVE) readCall(part(u32(body, 24), u32(body, 28)), facts, file)
      return
    case SET_INFO:
      readSetInfo(body[2] ?? 0, body[3] ?? 0, part(u16(body, 8), u32(body, 4)), facts)
      return
    default:
  }
}

/** What is written to a pipe may be a call. */
function readCall(bytes: Uint8Array, facts: Draft, file: OpenFile | undefined): void {
  const call = readPdu(bytes, file?.contexts ?? new Map())
  if (call !== undefined) facts.dce_rpc = call
}

/** MS-FSCC, 2.4: a new name, or the wish that the file be deleted. */
function readSetInfo(type: number, level: number, info: Uint8Array, facts: Draft): void {
  if (type !== 1) return
  if (level === FILE_RENAME) facts.renamed_to = utf16(info, 20, Math.min(u32(info, 16), MOST_NAME * 2))
  if (level === FILE_DISPOSITION) facts.deleted = (info[0] ?? 0) !== 0
  if (level === FILE_DISPOSITION_EX) facts.deleted = (u32(info, 0) & 1) !== 0
}

function readResponse(message: Uint8Array, known: Conversation, tell: (facts: SmbFacts) => void): void {
  const status = u32(message, 8)
  if (status === PENDING) return
  const code = u16(message, 12)
  // An answer to SMB 1 that chooses this version (MS-SMB2, 3.3.5.3.1).
  const asked = code === NEGOTIATE ? known.negotiated() : undefined
  const request = known.answered(u64Hex(message, 24)) ?? asked
  if (request === undefined && code !== NEGOTIATE) return
  const facts: Draft = {
    session_uid: u64Hex(message, 40),
    tree_uid: u32(message, 36),
    ...request?.facts,
    command: smb2Command(code),
  }
  facts.status = statusName(status)
  facts.status_code = status
  const body = message.subarray(HEADER)
  const file = readResponseBody(code, message, body, facts, request, known)
  if (known.dialect !== undefined) facts.dialect = known.dialect
  if (isTold(code, facts, file ?? request?.file)) tell(facts)
}

function readResponseBody(
  code: number,
  message: Uint8Array,
  body: Uint8Array,
  facts: Draft,
  request: Request | undefined,
  known: Conversation,
): OpenFile | undefined {
  const isDone = facts.status_code === 0
  if (code === NEGOTIATE && isDone) {
    known.dialect = dialectName(u16(body, 4))
    facts.server_guid = guid(body, 8)
  } else if (code === SESSION_SETUP) facts.session_uid = u64Hex(message, 40)
  else if (code === TREE_CONNECT && isDone) {
    const type = SHARE_TYPES[(body[2] ?? 0) - 1]
    facts.tree_uid = u32(message, 36)
    if (type !== undefined) facts.share_type = type
    known.connected(facts.tree_uid, { share: facts.share ?? '', ...(type !== undefined && { type }) })
  } else if (code === CREATE && isDone) {
    facts.file_uid = hex(body.subarray(64, 80))
    facts.size = u64(body, 48)
    const times = [8, 16, 24, 32].map((at) => fileTimeMs(body, at))
    const [created, accessed, modified, changed] = times
    if (created !== undefined) facts.created_time = created
    if (accessed !== undefined) facts.accessed_time = accessed
    if (modified !== undefined) facts.modified_time = modified
    if (changed !== undefined) facts.changed_time = changed
    return known.opened(facts.file_uid, facts.file ?? '')
  }
  return request?.file
}

/** Of many reads and writes of one file the first; no answers of pipes, and nothing that only asks how a file is. */
function isTold(code: number, facts: SmbFacts, file: OpenFile | undefined): boolean {
  if (facts.dce_rpc !== undefined) return true
  if (code === READ && facts.share_type === 'pipe') return false
  if (code === READ || code === WRITE) {
    if (file === undefined) return true
    const isFirst = code === READ ? !file.isRead : !file.isWritten
    if (code === READ) file.isRead = true
    else file.isWritten = true
    return isFirst
  }
  if (code === SET_INFO) return facts.renamed_to !== undefined || facts.deleted === true
  return code !== GET_INFO && code !== CHANGE_NOTIFY
}
