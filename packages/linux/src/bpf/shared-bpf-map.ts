import { closeSync, readdirSync, readFileSync } from 'node:fs'
import { libbpf } from './libbpf.ts'

/** struct bpf_map_info of include/uapi/linux/bpf.h. */
const info = { bytes: 88, valueSize: 12, name: 24, nameBytes: 16 } as const

/**
 * A map of BPF programs that another process loaded, kept beyond the end of that process until this is disposed of. Needs
 * root.
 */
export class SharedBpfMap implements Disposable {
  readonly fd: number
  /** The kernel's number for it: another one for each load. */
  readonly id: number
  readonly valueSize: number
  #isOpen = true

  private constructor(fd: number, id: number, valueSize: number) {
    this.fd = fd
    this.id = id
    this.valueSize = valueSize
  }

  /** The map of a process that has such a name; undefined where there is none, or it may not be had. */
  static ofProcess(pid: number, isMeant: (name: string) => boolean): SharedBpfMap | undefined {
    for (const id of mapsOf(pid)) {
      const fd = libbpf().mapById(id)
      if (fd < 0) continue
      const bytes = new Uint8Array(info.bytes)
      const size = new Uint8Array(Uint32Array.of(info.bytes).buffer)
      if (libbpf().objectInfo(fd, bytes, size) === 0) {
        const name = Buffer.from(bytes.buffer, info.name, info.nameBytes).toString('latin1')
        if (isMeant(name.slice(0, name.indexOf('\0')))) {
          return new SharedBpfMap(fd, id, new DataView(bytes.buffer).getUint32(info.valueSize, true))
        }
      }
      closeSync(fd)
    }
    return undefined
  }

  /** Whether a process still has that map open. */
  static isOpenIn(pid: number, id: number): boolean {
    return mapsOf(pid).includes(id)
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const value = new Uint8Array(this.valueSize)
    return libbpf().lookupElement(this.fd, key, value) === 0 ? value : undefined
  }

  [Symbol.dispose](): void {
    if (this.#isOpen) closeSync(this.fd)
    this.#isOpen = false
  }
}

/** Numbers of the maps that a process has open, each once. */
function mapsOf(pid: number): number[] {
  const folder = `/proc/${pid}/fdinfo`
  const found = new Set<number>()
  for (const name of entries(folder)) {
    const id = /^map_id:\s*(\d+)$/m.exec(text(`${folder}/${name}`))?.[1]
    if (id !== undefined) found.add(Number(id))
  }
  return [...found]
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
