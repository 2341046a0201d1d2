import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import type { Technique } from '../technique.ts'

/** What the shell gets to run: it says who it is and waits a while, so that its processes can be looked at. */
const SCRIPT = 'id >/dev/null\nexec sleep 20\n'

/** A download that goes straight into a shell. It comes from a server of our own on this machine. */
export const pipedDownload: Technique = {
  name: 'piped-download',
  title: 'A download goes straight into a shell (from our own loopback server)',
  ids: ['T1105'],
  seenBy: ['ebpf', 'proc-events', 'proc-poll'],

  async act({ track, signal }) {
    const server = createServer((_request, response) => response.end(SCRIPT))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const over = new Promise<void>((resolve) => {
      const end = () => {
        server.close()
        server.closeAllConnections()
        resolve()
      }
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
    })
    // It may never be asked: then the technique is over when its time is.
    const served = Promise.race([once(server, 'request'), over])
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/install.sh`
    track(spawn('/bin/sh', ['-c', `${download(url)} | sh`], { stdio: 'ignore' }))
    await served
  },
}

/** The command that an attacker would use here: curl, else wget, else a curl of their own, as one brings along. */
function download(url: string): string {
  if (isInstalled('curl')) return `curl -fsSL ${url}`
  if (isInstalled('wget')) return `wget -qO- ${url}`
  const program = 'fetch(process.argv[1]).then(r=>r.text()).then(t=>process.stdout.write(t))'
  return `curl() { '${process.execPath}' -e '${program}' "$2"; }; curl -fsSL ${url}`
}

function isInstalled(name: string): boolean {
  return (process.env['PATH'] ?? '/usr/bin:/bin').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
