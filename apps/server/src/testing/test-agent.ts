import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AgentMessage, AgentReport, Event, ProcessUid, ServerMessage } from '@vedette/model'
import { type ClientOptions, WebSocket } from 'ws'
import { AGENT } from './test-server.ts'

export const report: AgentReport = {
  hostname: 'web-1',
  kernel: '6.18.0',
  version: '0.0.0-test',
  bootId: '0123abcd',
  parts: [
    {
      name: 'ebpf',
      state: 'running',
      counters: { emitted: 10, delivered: 10, lost: 0 },
      kinds: {
        exec: { emitted: 3, delivered: 3, lost: 0 },
        file: { emitted: 7, delivered: 7, lost: 0 },
      },
    },
  ],
  blindSpots: [{ code: 'no-kprobes', message: 'Kernel functions cannot be probed here.' }],
  spooled: 0,
  memoryBytes: 50_000_000,
  usage: {
    time: 1_700_000_000_000,
    cpuPercent: 12.5,
    load1m: 0.25,
    memoryTotalBytes: 8_000_000_000,
    memoryAvailableBytes: 2_000_000_000,
    diskTotalBytes: 100_000_000_000,
    diskFreeBytes: 60_000_000_000,
  },
  sensor: {
    tier: 'ebpf',
    description: 'told by eBPF',
    each: ['exec', 'file'],
    byLooking: [],
    unseen: [],
  },
}

/** An agent as the protocol knows it, driven by a test. */
export class TestAgent implements Disposable {
  run = randomBytes(8).toString('hex')
  readonly socket: WebSocket
  readonly messages: ServerMessage[] = []
  /** Close code, once it is closed. */
  readonly closed: Promise<number>
  readonly #agent: string
  #waiting: (() => void)[] = []
  #event = 0

  /** @param credential a bearer token, or how to show a certificate */
  constructor(url: string, credential: string | ClientOptions, agent = AGENT) {
    this.#agent = agent
    this.socket = new WebSocket(
      `${url.replace('http', 'ws')}/agent/v1/stream`,
      typeof credential === 'string' ? { headers: { authorization: `Bearer ${credential}` } } : credential,
    )
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse((data as Buffer).toString('utf8')) as ServerMessage)
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  /** Connects and is welcome. */
  static async connect(url: string, credential: string | ClientOptions, agent = AGENT): Promise<TestAgent> {
    const connected = new TestAgent(url, credential, agent)
    await once(connected.socket, 'open')
    connected.hello()
    await connected.until(({ type }) => type === 'welcome')
    return connected
  }

  send(message: AgentMessage | object): void {
    this.socket.send(JSON.stringify(message))
  }

  hello(): void {
    this.send({ type: 'hello', protocol: 1, run: this.run, report })
  }

  batch(sequence: number, events: readonly Event[]): void {
    this.send({ type: 'batch', batch: { run: this.run, sequence, events } })
  }

  /** Sends a batch and waits until it is stored. */
  async store(sequence: number, events: readonly Event[]): Promise<void> {
    this.batch(sequence, events)
    await this.until((message) => message.type === 'stored' && message.sequence === sequence)
  }

  /** The first message, past or to come, that is meant. */
  async until(meant: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    while (true) {
      const found = this.messages.find(meant)
      if (found) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** A program that started just now. */
  launch(cmdLine: string, pid = 1000 + this.#event, ancestors: readonly number[] = [1]): Event {
    const time = Date.now()
    const entity = (pid: number, name: string, cmd: string) => ({
      uid: `0123abcd-${pid}-${pid}` as ProcessUid,
      pid,
      name,
      cmd_line: cmd,
      path: `/usr/bin/${name}`,
    })
    const name = cmdLine.split(' ')[0] ?? cmdLine
    const ancestry = ancestors.map((pid) => entity(pid, pid === 1 ? 'systemd' : 'bash', 'bash'))
    return {
      id: `${this.#agent}-${this.run}-${(this.#event += 1)}` as Event['id'],
      kind: 'process',
      class_uid: 1007,
      activity: 'launch',
      time,
      device: { uid: this.#agent as Event['device']['uid'], hostname: 'web-1' },
      severity_id: 1,
      metadata: { version: '1.8.0', log_provider: 'ebpf', logged_time: time },
      process: {
        ...entity(pid, name, cmdLine),
        created_time: time,
        ...(ancestry[0] && { parent_process: ancestry[0] }),
        ancestry,
      },
    }
  }

  [Symbol.dispose](): void {
    this.socket.terminate()
  }
}
