import koffi from 'koffi'
import { MemoryMap } from './bpf/memory-map.ts'
import { closeDescriptor, lazily, libcFunction, systemCallError } from './libc.ts'
import { listNetworkInterfaces } from './network-interfaces.ts'
import { waitReadable } from './wait-readable.ts'

const AF_PACKET = 17
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2000000
const SOCK_NONBLOCK = 0o4000
const ETH_P_ALL = 3
const SOL_SOCKET = 1
const SO_ERROR = 4
const SO_ATTACH_FILTER = 26
const SOL_PACKET = 263
const PACKET_RX_RING = 5
const PACKET_STATISTICS = 6
const PACKET_VERSION = 10
const PACKET_IGNORE_OUTGOING = 23
const TPACKET_V3 = 2
const SOCKADDR_BYTES = 20

/** struct tpacket_block_desc, in words of 32 bits. */
const BLOCK_STATUS = 2
const BLOCK_PACKETS = 3
const BLOCK_FIRST = 4
const OURS = 1
const KERNELS = 0
/** struct tpacket3_hdr, in words. */
const NEXT = 0
const SECONDS = 1
const NANOSECONDS = 2
const KEPT = 3
const LENGTH = 4
const STATUS = 5
const PLACES = 6
const VLAN = 8
const VLAN_VALID = 0x10

const socket = lazily(() =>
  libcFunction<(family: number, type: number, protocol: number) => number>('socket', 'int', [
    'int',
    'int',
    'int',
  ]),
)
const bind = lazily(() =>
  libcFunction<(fd: number, address: Buffer, size: number) => number>('bind', 'int', [
    'int',
    'void *',
    'uint',
  ]),
)
const setsockopt = lazily(() =>
  libcFunction<(fd: number, level: number, name: number, value: Buffer, size: number) => number>(
    'setsockopt',
    'int',
    ['int', 'int', 'int', 'void *', 'uint'],
  ),
)
const getsockopt = lazily(() =>
  libcFunction<(fd: number, level: number, name: number, value: Buffer, size: Buffer) => number>(
    'getsockopt',
    'int',
    ['int', 'int', 'int', 'void *', 'void *'],
  ),
)

/** One instruction of a classic BPF filter (Documentation/networking/filter.rst): code, jumps, and the constant. */
export type FilterInstruction = readonly [code: number, jumpTrue: number, jumpFalse: number, constant: number]

export interface PacketRingOptions {
  /** Name of the network interface. */
  readonly interface: string
  /** Size of the ring; a multiple of `blockBytes`. Default 8 MiB. */
  readonly ringBytes?: number
  /** Packets are handed over in blocks of this size: a power of two, whole pages. Default 256 KiB. */
  readonly blockBytes?: number
  /** A block that is not full is handed over after so long. Default 20 ms. */
  readonly blockTimeoutMs?: number
  /** Only packets that it keeps; its result is how many bytes of one are kept. Left out: all of all. */
  readonly filter?: readonly FilterInstruction[]
  /** Whether what this host sends is left out: on the loopback interface it comes twice. */
  readonly ignoreOutgoing?: boolean
}

/** What the kernel did with packets since the ring was opened. */
export interface PacketStatistics {
  /** Those that the filter kept, with those that were dropped. */
  readonly packets: number
  /** Those for which there was no room in the ring. */
  readonly drops: number
}

/**
 * Takes one packet. It lies in `bytes` from `start` up to `end`, which is the kernel's own memory: valid until the call
 * returns.
 *
 * @param vlan the tag that the kernel or the card took off; -1 where there was none
 */
export type TakeRingPacket = (
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  timeMs: number,
  vlan: number,
) => void

/**
 * All packets of a network interface, in memory shared with the kernel: TPACKET_V3 of AF_PACKET
 * (Documentation/networking/packet_mmap.rst). Taking one needs neither a system call nor a copy. Asks for CAP_NET_RAW. Who
 * opened it disposes of it.
 */
export class PacketRing implements Disposable {
  /** Readable when there is a block to take, for who waits for several descriptors; not to be closed. */
  readonly fd: number
  readonly #memory: MemoryMap
  readonly #bytes: Uint8Array
  readonly #words: Int32Array
  readonly #halves: Uint16Array
  readonly #blockBytes: number
  readonly #blocks: number
  readonly #statistics = Buffer.alloc(12)
  readonly #statisticsSize = Buffer.alloc(4)
  #block = 0
  #packets = 0
  #drops = 0
  #open = true

  /** @throws {SystemCallError} when the kernel has none, the caller may not, or there is no such interface */
  constructor(options: PacketRingOptions) {
    const { ringBytes = 8 << 20, blockBytes = 1 << 18, blockTimeoutMs = 20 } = options
    this.#blockBytes = blockBytes
    this.#blocks = Math.max(1, Math.floor(ringBytes / blockBytes))
    const what = `capture packets of ${options.interface}`
    // No protocol: nothing is received before the filter and the ring stand.
    this.fd = socket()(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
    if (this.fd < 0) throw systemCallError('socket', what)
    try {
      this.#set(PACKET_VERSION, word(TPACKET_V3), what)
      if (options.ignoreOutgoing === true) this.#set(PACKET_IGNORE_OUTGOING, word(1), what)
      if (options.filter !== undefined) this.#attach(options.filter, what)
      this.#set(PACKET_RX_RING, this.#request(blockTimeoutMs), what)
      this.#memory = new MemoryMap(this.fd, this.#blocks * blockBytes, { writable: true })
    } catch (error) {
      closeDescriptor(this.fd)
      throw error
    }
    const { buffer } = this.#memory
    this.#bytes = new Uint8Array(buffer)
    this.#words = new Int32Array(buffer)
    this.#halves = new Uint16Array(buffer)
    const address = Buffer.alloc(SOCKADDR_BYTES)
    address.writeUInt16LE(AF_PACKET, 0)
    address.writeUInt16BE(ETH_P_ALL, 2)
    address.writeInt32LE(interfaceIndex(options.interface), 4)
    if (bind()(this.fd, address, address.length) !== 0) {
      const error = systemCallError('bind', what)
      this[Symbol.dispose]()
      throw error
    }
  }

  /**
   * Hands on the packets that are there, block by block, and gives each block back when it is through.
   *
   * @param mostBlocks so that a flood does not keep the thread for ever
   * @returns how many packets; fewer than there are when `mostBlocks` was reached
   */
  take(take: TakeRingPacket, mostBlocks = this.#blocks): number {
    let taken = 0
    for (let blocks = 0; blocks < mostBlocks; blocks += 1) {
      const base = this.#block * this.#blockBytes
      const at = base >> 2
      if ((Atomics.load(this.#words, at + BLOCK_STATUS) & OURS) === 0) return taken
      try {
        taken += this.#takeBlock(base, take)
      } finally {
        Atomics.store(this.#words, at + BLOCK_STATUS, KERNELS)
        this.#block = (this.#block + 1) % this.#blocks
      }
    }
    return taken
  }

  /** Asks the kernel, and adds up: it counts from 0 again each time. */
  statistics(): PacketStatistics {
    this.#statisticsSize.writeUInt32LE(this.#statistics.length)
    const result = getsockopt()(
      this.fd,
      SOL_PACKET,
      PACKET_STATISTICS,
      this.#statistics,
      this.#statisticsSize,
    )
    if (result === 0) {
      this.#packets += this.#statistics.readUInt32LE(0)
      this.#drops += this.#statistics.readUInt32LE(4)
    }
    return { packets: this.#packets, drops: this.#drops }
  }

  /** Takes the error that the socket waits to tell, such as that the interface went down; whether there was one. */
  takeError(): boolean {
    const error = Buffer.alloc(4)
    const size = word(4)
    return getsockopt()(this.fd, SOL_SOCKET, SO_ERROR, error, size) === 0 && error.readInt32LE(0) !== 0
  }

  /** Resolves with true once there is a block to take or an error to tell, with false when the signal aborts. */
  waitReadable(signal: AbortSignal): Promise<boolean> {
    return waitReadable(this.fd, signal)
  }

  [Symbol.dispose](): void {
    if (!this.#open) return
    this.#open = false
    this.#memory[Symbol.dispose]()
    closeDescriptor(this.fd)
  }

  #takeBlock(base: number, take: TakeRingPacket): number {
    const words = this.#words
    const count = words[(base >> 2) + BLOCK_PACKETS] ?? 0
    let at = base + (words[(base >> 2) + BLOCK_FIRST] ?? 0)
    for (let number = 0; number < count; number += 1) {
      const header = at >> 2
      const start = at + (this.#halves[(at >> 1) + 2 * PLACES] ?? 0)
      const end = start + (words[header + KEPT] ?? 0)
      const timeMs =
        ((words[header + SECONDS] ?? 0) >>> 0) * 1000 +
        Math.floor((words[header + NANOSECONDS] ?? 0) / 1000) / 1000
      const vlan =
        ((words[header + STATUS] ?? 0) & VLAN_VALID) === 0 ? -1 : (words[header + VLAN] ?? 0) & 0xfff
      take(this.#bytes, start, end, (words[header + LENGTH] ?? 0) >>> 0, timeMs, vlan)
      at += words[header + NEXT] ?? 0
    }
    return count
  }

  /** struct tpacket_req3. */
  #request(blockTimeoutMs: number): Buffer {
    const request = Buffer.alloc(28)
    const frameBytes = 2048
    for (const [at, value] of [
      this.#blockBytes,
      this.#blocks,
      frameBytes,
      (this.#blockBytes / frameBytes) * this.#blocks,
      blockTimeoutMs,
    ].entries())
      request.writeUInt32LE(value, 4 * at)
    return request
  }

  #set(name: number, value: Buffer, what: string): void {
    if (setsockopt()(this.fd, SOL_PACKET, name, value, value.length) !== 0)
      throw systemCallError('setsockopt', what)
  }

  #attach(filter: readonly FilterInstruction[], what: string): void {
    const code = Buffer.alloc(8 * filter.length)
    for (const [at, [operation, jumpTrue, jumpFalse, constant]] of filter.entries()) {
      code.writeUInt16LE(operation, 8 * at)
      code.writeUInt8(jumpTrue, 8 * at + 2)
      code.writeUInt8(jumpFalse, 8 * at + 3)
      code.writeUInt32LE(constant, 8 * at + 4)
    }
    // struct sock_fprog: its count and where the code lies, which is there until the call returns.
    const program = Buffer.alloc(16)
    program.writeUInt16LE(filter.length, 0)
    program.writeBigUInt64LE(koffi.address(code), 8)
    const result = setsockopt()(this.fd, SOL_SOCKET, SO_ATTACH_FILTER, program, program.length)
    if (result !== 0 || code.length === 0) throw systemCallError('setsockopt', what)
  }
}

function word(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32LE(value)
  return buffer
}

/** -1 where there is no such interface: the kernel then says so itself. */
function interfaceIndex(name: string): number {
  return listNetworkInterfaces().find((candidate) => candidate.name === name)?.index ?? -1
}
