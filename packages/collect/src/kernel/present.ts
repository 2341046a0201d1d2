import { type OwnedSocket, readProcessStat, readSocketOwners } from '@vedette/linux'
import type { KernelRecord, SocketEnd } from '@vedette/model'
import { execRecord } from './exec-record.ts'
import { NOBODY } from './process-table.ts'
import { runningProcesses } from './snapshot.ts'

const SOURCE = 'proc-poll'

/**
 * What a machine does at one moment, told as if it began now: each program that runs was started, each port that is
 * listened on and each connection was opened. Of processes that the caller may not look into less is told, and none of
 * their sockets.
 *
 * @param nowMs milliseconds since the epoch, for the sockets; programs have the time at which they started
 */
export function presentRecords(nowMs: number): KernelRecord[] {
  const running = runningProcesses()
  const startOf = new Map(running.map(({ info }) => [info.pid, info.startTicks]))
  const records: KernelRecord[] = running.map(({ info, startedMs }) => {
    const startTicks = startOf.get(info.ppid) ?? readProcessStat(info.ppid)?.startTicks
    const parent = startTicks === undefined ? NOBODY : { pid: info.ppid, startTicks }
    return execRecord(info, { source: SOURCE, timeMs: startedMs, parent })
  })
  const sockets = readSocketOwners()
  const listening = new Set(sockets.filter(isListening).map(placeOf))
  for (const socket of sockets) {
    const startTicks = startOf.get(socket.pid)
    const { protocol } = socket
    if (startTicks === undefined || socket.state === 'closing') continue
    const local: SocketEnd = { address: socket.localAddress, port: socket.localPort }
    const base = {
      source: SOURCE,
      timeMs: nowMs,
      process: { pid: socket.pid, startTicks },
      protocol,
    } as const
    if (isListening(socket)) records.push({ ...base, type: 'listen', local })
    else if (socket.remotePort !== 0) {
      const remote: SocketEnd = { address: socket.remoteAddress, port: socket.remotePort }
      // Which side opened it is not in the table: a connection to a port that somebody listens on came in.
      const cameIn = listening.has(placeOf(socket)) && socket.state !== 'syn-sent'
      records.push({ ...base, type: cameIn ? 'accept' : 'connect', local, remote })
    }
  }
  return records
}

/** UDP has no such state: who fixed no far end takes what comes. */
function isListening({ protocol, state, remotePort }: OwnedSocket): boolean {
  return protocol === 'udp' ? remotePort === 0 : state === 'listen'
}

function placeOf({ protocol, localPort }: OwnedSocket): string {
  return `${protocol} ${localPort}`
}
