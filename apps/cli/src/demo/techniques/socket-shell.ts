import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Technique } from '../technique.ts'

/** A shell whose input and output are a TCP connection, as after a reverse shell. Both ends of it are this machine. */
export const socketShell: Technique = {
  name: 'socket-shell',
  title: 'A shell takes its orders from a network connection (loopback)',
  ids: ['T1095'],
  seenBy: ['ebpf', 'proc-events', 'proc-poll'],

  async act({ track, signal }) {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    await once(socket, 'connect')
    const [operator] = await accepted
    track(spawn('/bin/sh', [], { stdio: [socket, socket, socket], env: {} }))
    // The shell has its own copy; one reader too many would eat its orders.
    socket.destroy()
    operator.on('error', () => undefined)
    const over = new Promise<void>((resolve) => {
      const end = () => {
        operator.destroy()
        server.close()
        resolve()
      }
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
    })
    // It may never answer: then the technique is over when its time is.
    const answered = Promise.race([once(operator, 'data'), over])
    operator.write('id\n')
    await answered
  },
}
