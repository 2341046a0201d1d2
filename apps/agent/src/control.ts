import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { CodedError } from '@vedette/base'
import { type AgentOrder, agentOrderSchema, type AgentSettings, agentSettingsSchema } from './settings.ts'

/** What comes over standard input: the settings first, then orders; its end is the order to stop. */
export interface Control {
  readonly settings: AgentSettings
  onOrder(handle: (order: AgentOrder) => void): void
  /** Resolves when the input ends, also because whoever held its other end is gone. */
  readonly ended: Promise<void>
}

/**
 * Reads the settings.
 *
 * @throws {CodedError} `settings-missing`, `settings-invalid`
 */
export async function openControl(input: Readable): Promise<Control> {
  const lines = createInterface({ input, crlfDelay: Infinity })
  let handle: ((order: AgentOrder) => void) | undefined
  const early: AgentOrder[] = []
  const ended = new Promise<void>((resolve) => {
    lines.once('close', () => resolve())
  })
  const settings = await new Promise<AgentSettings>((resolve, reject) => {
    let first = true
    lines.on('line', (line) => {
      if (first) {
        first = false
        try {
          resolve(parseSettings(line))
        } catch (error) {
          reject(error)
        }
        return
      }
      const order = parseOrder(line)
      if (order === undefined) return
      if (handle) handle(order)
      else early.push(order)
    })
    void ended.then(() => reject(new CodedError('settings-missing', 'No settings came on standard input')))
  })
  return {
    settings,
    ended,
    onOrder(next) {
      handle = next
      for (const order of early.splice(0)) next(order)
    },
  }
}

function parseSettings(line: string): AgentSettings {
  try {
    return agentSettingsSchema.parse(JSON.parse(line))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError('settings-invalid', `The settings on standard input cannot be used: ${reason}`)
  }
}

function parseOrder(line: string): AgentOrder | undefined {
  try {
    return agentOrderSchema.parse(JSON.parse(line))
  } catch {
    // An order of a later version; to go on watching is better than to stop.
    return undefined
  }
}
