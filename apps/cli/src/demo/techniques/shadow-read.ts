import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Technique } from '../technique.ts'

/** A read of the password hashes by a program that has no business with them. What it reads goes nowhere. */
export const shadowRead: Technique = {
  name: 'shadow-read',
  title: 'cat reads /etc/shadow (and shows it to nobody)',
  ids: ['T1003.008'],
  seenBy: ['ebpf', 'proc-events'],

  caveat: (uid) =>
    uid === 0 ? undefined : 'as an ordinary user it is the attempt alone: the kernel refuses the read',

  async act({ track }) {
    const child = spawn('/bin/cat', ['/etc/shadow'], { stdio: 'ignore', env: {} })
    track(child)
    await once(child, 'exit')
  },
}
