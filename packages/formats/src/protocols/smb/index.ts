import type { SmbFacts } from '@vedette/model'
import type { ProtocolParser, ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { Conversation } from './conversation.ts'
import { isFrame, MessageStream } from './message-stream.ts'
import { readSmb1 } from './smb1.ts'
import { readSmb2 } from './smb2.ts'

const SMB1 = 0xff
const SMB2 = 0xfe

/** SMB 1 to 3 (MS-CIFS, MS-SMB2): logons, shares, files and calls over pipes, as far as they are not encrypted. */
export const smbParser: ProtocolParser = {
  name: 'smb',
  transports: ['tcp'],
  ports: [445, 139],
  recognise(_speaker, head) {
    // On port 139 a request for a session comes first (RFC 1002, 4.3.2).
    const at =
      (head[0] === 0x81 || head[0] === 0x82) && head[1] === 0 ? 4 + (head[2] ?? 0) * 256 + (head[3] ?? 0) : 0
    if (head.length > 0 && at === 0 && head[0] !== 0) return 'no'
    if (head.length < at + 8) return at > 200 ? 'no' : 'maybe'
    return isFrame(at === 0 ? head : head.subarray(at)) ? 'yes' : 'no'
  },
  open: () => new SmbSession(),
}

class SmbSession implements ProtocolSession {
  readonly #streams = { client: new MessageStream(), server: new MessageStream() }
  readonly #known = new Conversation()

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    const told = (smb: SmbFacts): void => tell('smb', { smb }, timeMs)
    this.#streams[speaker].push(bytes, (message) => {
      if (message[1] !== 0x53 || message[2] !== 0x4d || message[3] !== 0x42) return
      if (message[0] === SMB1) readSmb1(message, this.#known, told)
      else if (message[0] === SMB2) readSmb2(message, this.#known, told)
    })
    return 'more'
  }

  gap(speaker: Speaker, length: number): Wants {
    this.#streams[speaker].gap(length)
    return 'more'
  }

  end(timeMs: number, tell: Tell): void {
    for (const { facts } of this.#known.left()) tell('smb', { smb: facts }, timeMs)
  }
}
