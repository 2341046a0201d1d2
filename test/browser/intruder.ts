import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A harmless attacker on this machine: a shell that takes its orders from a loopback connection. */
export interface Intruder extends AsyncDisposable {
  /** Of the shell. */
  readonly pid: number
  /** Has the shell run a command and waits until it has answered. */
  order(command: string): Promise<string>
  /** State letter of the shell in /proc: `S` sleeps, `T` is stopped. Undefined once it is gone. */
  state(): string | undefined
}

/** A file name that would turn the reading direction, recolour a terminal, and close a tag. */
export const EVIL_NAME = 'ev\u202Egpj.li\u001b[31m<img src=x onerror=alert(1)>'

/** Starts the shell, in a folder that holds a program with the name above. `name` is what the shell calls itself. */
export async function intrude(name = 'sh'): Promise<Intruder> {
  const scratch = mkdtempSync(join(tmpdir(), 'vedette-intruder-'))
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  const [operator] = await accepted
  copyFileSync('/bin/true', join(scratch, EVIL_NAME))
  const shell: ChildProcess = spawn('/bin/sh', [], {
    argv0: name,
    cwd: scratch,
    stdio: [socket, socket, socket],
    env: { PATH: '/usr/bin:/bin' },
  })
  socket.destroy()
  operator.setEncoding('utf8').on('error', () => undefined)
  const { pid } = shell
  if (pid === undefined) throw new Error('Cannot start /bin/sh')
  let orders = 0
  return {
    pid,
    async order(command) {
      orders += 1
      const end = `order-${orders}-done`
      let answer = ''
      const done = new Promise<void>((resolve, reject) => {
        operator.on('data', (text: string) => {
          answer += text
          if (answer.includes(end)) resolve()
        })
        operator.once('close', () => reject(new Error(`The shell hung up after: ${answer}`)))
      })
      operator.write(`${command}\necho ${end}\n`)
      await done
      operator.removeAllListeners('data')
      return answer.slice(0, answer.indexOf(end))
    },
    state() {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        return stat.slice(stat.lastIndexOf(')') + 2).charAt(0)
      } catch {
        return undefined
      }
    },
    async [Symbol.asyncDispose]() {
      const gone =
        shell.exitCode === null && shell.signalCode === null ? once(shell, 'exit') : Promise.resolve()
      shell.kill('SIGKILL')
      await gone
      operator.destroy()
      server.close()
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}
