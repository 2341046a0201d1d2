import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, readFileSync, realpathSync, writeSync } from 'node:fs'
import { createMemoryFile } from '@vedette/linux'
import type { Technique } from '../technique.ts'

/** A program that is in memory only: a copy of `sleep` in a memfd, run by its descriptor. */
export const memoryProgram: Technique = {
  name: 'memory-program',
  title: 'A program runs from memory, with no file on disk (a copy of sleep)',
  ids: ['T1620'],
  seenBy: ['ebpf', 'proc-events', 'proc-poll'],

  async act({ track }) {
    const fd = createMemoryFile('vedette-demo')
    try {
      const program = readFileSync(realpathSync('/bin/sleep'))
      for (let at = 0; at < program.length;) at += writeSync(fd, program, at)
      const child = spawn('/proc/self/fd/3', ['20'], {
        argv0: 'sleep',
        stdio: ['ignore', 'ignore', 'ignore', fd],
        env: {},
      })
      track(child)
      await once(child, 'spawn')
    } finally {
      closeSync(fd)
    }
  },
}
