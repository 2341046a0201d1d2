import { closeSync, openSync, readdirSync, readSync } from 'node:fs'

const ELFCLASS32 = 1
const EM_386 = 3

/** Whether any process runs a 32-bit program of x86. What may not be looked at is taken for none. */
export function runs32BitPrograms(): boolean {
  const header = Buffer.alloc(20)
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      const fd = openSync(`/proc/${name}/exe`, 'r')
      try {
        return readSync(fd, header) === 20 && header[4] === ELFCLASS32 && header.readUInt16LE(18) === EM_386
      } finally {
        closeSync(fd)
      }
    } catch {
      // It has ended, or is a thread of the kernel.
      return false
    }
  })
}
