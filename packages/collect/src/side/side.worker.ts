import { flushCompileCache } from 'node:module'
import { setPriority } from 'node:os'
import { SIGN_OF_LIFE_MS } from '@vedette/base'
import type { FromSide, SideJob, SideJobModule, ToSide } from './messages.ts'

/**
 * The program of the process for what is seldom done. It gives way to everything else, and ends with who started it: the
 * channel between the two is closed by the kernel, however that came about.
 */
setPriority(10)

const jobs = new Map<number, Promise<SideJob | undefined>>()
let saidMs = 0

function send(message: FromSide): Promise<void> {
  saidMs = performance.now()
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    // Where nobody hears it any more this process is about to end.
    else process.send(message, undefined, undefined, () => resolve())
  })
}

function working(): void {
  if (performance.now() - saidMs >= SIGN_OF_LIFE_MS) void send({ type: 'alive' })
}

async function open(job: number, module: string, data: unknown): Promise<SideJob | undefined> {
  const failed = async (error: unknown) => {
    jobs.delete(job)
    await send({ type: 'failed', job, reason: error instanceof Error ? error.message : String(error) })
  }
  try {
    const program = (await import(module)) as SideJobModule
    const say = (message: unknown) => send({ type: 'said', job, message })
    const opened = await program.open(data, { say, working })
    opened.work?.catch(failed)
    return opened
  } catch (error) {
    await failed(error)
    return undefined
  }
}

function close(job: number): void {
  void jobs.get(job)?.then((opened) => opened?.close?.())
  jobs.delete(job)
}

process.on('message', (message: ToSide) => {
  if (message.type === 'open') jobs.set(message.job, open(message.job, message.module, message.data))
  else if (message.type === 'tell') void jobs.get(message.job)?.then((job) => job?.hear?.(message.message))
  else close(message.job)
})
process.once('disconnect', () => process.exit(0))
setInterval(() => void send({ type: 'alive' }), SIGN_OF_LIFE_MS)
void send({ type: 'alive' })
// The next of its kind starts with less: what takes types off need not be loaded then.
setTimeout(() => flushCompileCache(), SIGN_OF_LIFE_MS).unref()
