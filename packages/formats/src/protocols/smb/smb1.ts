import type { SmbFacts } from '@vedette/model'
import { guid, u16, u32, utf16 } from '../bytes/little-endian.ts'
import { latin1 } from '../bytes/text.ts'
import { isDceRpc, readPdu } from '../dcerpc/pdu.ts'
import type { Conversation, Draft, OpenFile, Request } from './conversation.ts'
import { dispositionName, dosStatusName, smb1Command, statusName } from './names.ts'
import { readLogon } from './ntlm.ts'

const HEADER = 32
const REPLY = 0x80
const UNICODE = 0x8000
const NT_STATUS = 0x4000
const MOST_NAME = 1024
const MOST_CHAINED = 8

const CLOSE = 0x04
const TRANS = 0x25
const READ_ANDX = 0x2e
const WRITE_ANDX = 0x2f
const TRANS2 = 0x32
const NEGOTIATE = 0x72
const SESSION_SETUP = 0x73
const TREE_CONNECT = 0x75
const NT_CREATE = 0xa2
/** Commands that another one may be chained to (MS-CIFS, 2.2.3.4). */
const CHAINS = new Set([0x24, 0x2d, READ_ANDX, WRITE_ANDX, SESSION_SETUP, 0x74, TREE_CONNECT, NT_CREATE])

/** One command within a message: its words, and the bytes after them. */
interface Block {
  readonly code: number
  readonly words: Uint8Array
  readonly data: Uint8Array
  /** Where the data begins in the message: texts are aligned to that. */
  readonly dataAt: number
}

/** Reads messages of SMB 1 (MS-CIFS, MS-SMB), and hands the facts of each request, when it is answered, to `tell`. */
export function readSmb1(message: Uint8Array, known: Conversation, tell: (facts: SmbFacts) => void): void {
  if (message.length < HEADER + 3) return
  const isReply = ((message[9] ?? 0) & REPLY) !== 0
  // Process and message: the session gets its number with the answer.
  const key = `${u16(message, 26)}.${u16(message, 30)}`
  let [code, at] = [message[4] ?? 0, HEADER]
  for (let count = 0; count < MOST_CHAINED; count += 1) {
    const block = blockAt(message, code, at)
    if (isReply) readReply(message, block, `${key}.${code}`, known, tell)
    else {
      const given = known.ask(`${key}.${code}`, readRequest(message, block, known))
      if (given !== undefined) tell(given.facts)
    }
    if (!CHAINS.has(code) || block.words.length < 4 || block.words[0] === 0xff) return
    const next = u16(block.words, 2)
    if (next <= at || next >= message.length) return
    code = block.words[0] ?? 0
    at = next
  }
}

function blockAt(message: Uint8Array, code: number, at: number): Block {
  const wordsEnd = at + 1 + (message[at] ?? 0) * 2
  const dataAt = wordsEnd + 2
  return {
    code,
    words: message.subarray(at + 1, wordsEnd),
    data: message.subarray(dataAt, dataAt + u16(message, wordsEnd)),
    dataAt,
  }
}

/** Texts with a zero at their end, one after the other. */
class TextReader {
  readonly #message: Uint8Array
  readonly #isWide: boolean
  #at: number

  constructor(message: Uint8Array, at: number, isWide: boolean) {
    this.#message = message
    this.#isWide = isWide
    this.#at = isWide ? at + (at % 2) : at
  }

  next(): string {
    const from = this.#at
    const step = this.#isWide ? 2 : 1
    let end = from
    while (end < this.#message.length && end - from < MOST_NAME * 2) {
      if (this.#message[end] === 0 && (step === 1 || (this.#message[end + 1] ?? 0) === 0)) break
      end += step
    }
    this.#at = end + step
    return this.#isWide
      ? utf16(this.#message, from, end - from)
      : latin1(this.#message.subarray(from, end)).slice(0, MOST_NAME)
  }
}

function readRequest(message: Uint8Array, block: Block, known: Conversation): Request {
  const isWide = (u16(message, 10) & UNICODE) !== 0
  const treeId = u16(message, 24)
  const tree = known.tree(treeId)
  const facts: Draft = {
    command: smb1Command(block.code),
    session_uid: u16(message, 28).toString(16),
    tree_uid: treeId,
    ...(tree !== undefined && {
      share: tree.share,
      ...(tree.type !== undefined && { share_type: tree.type }),
    }),
  }
  const file = readBody(message, block, facts, isWide, known)
  if (file !== undefined) facts.file = file.name
  return { facts, ...(file !== undefined && { file }) }
}

function readBody(
  message: Uint8Array,
  { code, words, data, dataAt }: Block,
  facts: Draft,
  isWide: boolean,
  known: Conversation,
): OpenFile | undefined {
  const texts = (skip: number): TextReader => new TextReader(message, dataAt + skip, isWide)
  switch (code) {
    case NEGOTIATE:
      facts.client_dialects = dialectsOf(data)
      return undefined
    case SESSION_SETUP:
      readSessionSetup(words, data, facts, texts)
      return undefined
    case TREE_CONNECT:
      facts.share = texts(u16(words, 6)).next()
      return undefined
    case NT_CREATE: {
      const length = Math.min(u16(words, 5), MOST_NAME)
      const from = dataAt + (isWide ? dataAt % 2 : 0)
      facts.file = isWide
        ? utf16(message, from, length)
        : latin1(message.subarray(from, from + length)).replace(/\0+$/, '')
      facts.open_type = dispositionName(u32(words, 35))
      facts.delete_on_close = (u32(words, 39) & 0x1000) !== 0
      return undefined
    }
    case READ_ANDX:
      return fileOf(words, 4, facts, known)
    case CLOSE:
      return fileOf(words, 0, facts, known)
    case WRITE_ANDX: {
      const file = fileOf(words, 4, facts, known)
      const from = u16(words, 22)
      readCall(message.subarray(from, from + u16(words, 20)), facts, file)
      return file
    }
    case TRANS: {
      // Words: totals, limits, then counts and places of parameters and data, and the setup: function and pipe.
      const isPipe = u16(words, 28) === 0x26
      const file = isPipe ? fileOf(words, 30, facts, known) : undefined
      const from = u16(words, 24)
      readCall(message.subarray(from, from + u16(words, 22)), facts, file)
      return file
    }
    default:
      return undefined
  }
}

function dialectsOf(data: Uint8Array): string[] {
  return latin1(data, 2048)
    .split('\0')
    .filter((text) => text.startsWith('\x02'))
    .map((text) => text.slice(1, 65))
    .slice(0, 32)
}

function readSessionSetup(
  words: Uint8Array,
  data: Uint8Array,
  facts: Draft,
  texts: (skip: number) => TextReader,
): void {
  let reader: TextReader
  if (words.length >= 26) {
    // Without SPNEGO: both passwords, the name, its domain.
    reader = texts(u16(words, 14) + u16(words, 16))
    const [user, domain] = [reader.next(), reader.next()]
    facts.user = user
    if (domain !== '') facts.domain = domain
  } else {
    const length = u16(words, 14)
    Object.assign(facts, readLogon(data.subarray(0, length)))
    reader = texts(length)
  }
  const [os, manager] = [reader.next(), reader.next()]
  if (os !== '') facts.client_os = os
  if (manager !== '') facts.client_lan_manager = manager
}

function fileOf(words: Uint8Array, at: number, facts: Draft, known: Conversation): OpenFile | undefined {
  const id = u16(words, at).toString(16).padStart(4, '0')
  facts.file_uid = id
  return known.file(id)
}

function readCall(bytes: Uint8Array, facts: Draft, file: OpenFile | undefined): void {
  if (!isDceRpc(bytes)) return
  const call = readPdu(bytes, file?.contexts ?? new Map())
  if (call !== undefined) facts.dce_rpc = call
}

function readReply(
  message: Uint8Array,
  block: Block,
  key: string,
  known: Conversation,
  tell: (facts: SmbFacts) => void,
): void {
  const request = known.answered(key)
  if (request === undefined) return
  const { facts } = request
  const isNt = (u16(message, 10) & NT_STATUS) !== 0
  facts.status_code = isNt ? u32(message, 5) : u16(message, 7)
  facts.status = isNt ? statusName(u32(message, 5)) : dosStatusName(message[5] ?? 0, u16(message, 7))
  const isDone = isNt ? facts.status_code === 0 : facts.status === 'STATUS_SUCCESS'
  const file = readReplyBody(message, block, facts, isDone, known) ?? request.file
  if (known.dialect !== undefined) facts.dialect = known.dialect
  if (isTold(block.code, facts, isDone, file)) tell(facts)
}

function readReplyBody(
  message: Uint8Array,
  { code, words, data, dataAt }: Block,
  facts: Draft,
  isDone: boolean,
  known: Conversation,
): OpenFile | undefined {
  const isWide = (u16(message, 10) & UNICODE) !== 0
  if (code === NEGOTIATE && words.length >= 2) {
    const dialect = facts.client_dialects?.[u16(words, 0)]
    if (dialect !== undefined) known.dialect = dialect
    if (words.length >= 34 && (words[33] ?? 0) === 0 && data.length >= 16) facts.server_guid = guid(data, 0)
  } else if (code === SESSION_SETUP) {
    facts.session_uid = u16(message, 28).toString(16)
    const blob = words.length >= 8 ? u16(words, 6) : 0
    const texts = new TextReader(message, dataAt + blob, isWide)
    if (data.length > blob) {
      const [os, manager] = [texts.next(), texts.next()]
      if (os !== '') facts.server_os = os
      if (manager !== '') facts.server_lan_manager = manager
    }
  } else if (code === TREE_CONNECT && isDone) {
    const service = latin1(data, 8)
    const type = service.startsWith('IPC') ? 'pipe' : service.startsWith('LPT') ? 'print' : 'disk'
    facts.tree_uid = u16(message, 24)
    facts.share_type = type
    known.connected(facts.tree_uid, { share: facts.share ?? '', type })
  } else if (code === NT_CREATE && isDone) {
    facts.file_uid = u16(words, 5).toString(16).padStart(4, '0')
    return known.opened(facts.file_uid, facts.file ?? '')
  }
  return undefined
}

function isTold(code: number, facts: SmbFacts, isDone: boolean, file: OpenFile | undefined): boolean {
  if (facts.dce_rpc !== undefined) return true
  if ((code === READ_ANDX || code === WRITE_ANDX) && file !== undefined) {
    const isFirst = code === READ_ANDX ? !file.isRead : !file.isWritten
    if (code === READ_ANDX) file.isRead = true
    else file.isWritten = true
    return isFirst
  }
  return (code !== CLOSE && code !== TRANS2) || !isDone
}
