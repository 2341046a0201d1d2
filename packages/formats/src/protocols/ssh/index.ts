import type { SshEnd, SshFacts } from '@vedette/model'
import type { ProtocolParser, ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { startsWith } from '../bytes/text.ts'
import { hasshOf } from './kex-init.ts'
import { SshStream } from './ssh-stream.ts'

/** SSH (RFC 4253): who speaks to whom, and with which algorithms, as far as it is said in the open. */
export const sshParser: ProtocolParser = {
  name: 'ssh',
  transports: ['tcp'],
  ports: [22],
  recognise(_speaker, head) {
    const start = startsWith(head, 'SSH-')
    if (start !== 'yes' || head.length < 6) return start === 'no' ? 'no' : 'maybe'
    return isDigit(head[4]) && head[5] === DOT ? 'yes' : 'no'
  },
  open: () => new SshSession(),
}

const DOT = 0x2e

class SshSession implements ProtocolSession {
  readonly #ends = { client: new SshStream(), server: new SshStream() }
  #isTold = false

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    if (this.#isTold) return 'nothing'
    this.#ends[speaker].push(bytes)
    return this.#tellIfOver(timeMs, tell)
  }

  gap(speaker: Speaker, length: number): Wants {
    this.#ends[speaker].gap(length)
    return this.#isTold ? 'nothing' : 'more'
  }

  end(timeMs: number, tell: Tell): void {
    if (!this.#isTold) this.#tell(timeMs, tell)
  }

  #tellIfOver(timeMs: number, tell: Tell): Wants {
    if (!this.#ends.client.isOver || !this.#ends.server.isOver) return 'more'
    this.#tell(timeMs, tell)
    return 'nothing'
  }

  #tell(timeMs: number, tell: Tell): void {
    this.#isTold = true
    const { client, server } = this.#ends
    const clientFacts = endOf(client, client.kexInit?.clientAlgorithms)
    const serverFacts = endOf(server, server.kexInit?.serverAlgorithms)
    if (clientFacts === undefined && serverFacts === undefined) return
    const hostKeys = server.kexInit?.hostKeyAlgorithms
    const ssh: SshFacts = {
      ...(clientFacts === undefined ? {} : { client: clientFacts }),
      ...(serverFacts === undefined ? {} : { server: serverFacts }),
      ...(hostKeys === undefined ? {} : { host_key_algorithms: hostKeys }),
      established: client.hasKeys && server.hasKeys,
    }
    tell('ssh', { ssh }, timeMs)
  }
}

function endOf({ banner }: SshStream, algorithms: string | undefined): SshEnd | undefined {
  if (banner === undefined) return undefined
  const dash = banner.indexOf('-', 4)
  const rest = banner.slice(dash + 1)
  const space = rest.indexOf(' ')
  const comments = space < 0 ? '' : rest.slice(space + 1)
  return {
    protocol_version: banner.slice(4, dash),
    software_version: space < 0 ? rest : rest.slice(0, space),
    ...(comments === '' ? {} : { comments }),
    ...(algorithms === undefined ? {} : hasshOf(algorithms)),
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}
