import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, type Logger, parseConfig } from '@vedette/base'
import { encryptionConfigSchema, Keyring, masterKeySource, readKeyFile } from '@vedette/store/keys'
import type { AgentSettings } from './settings.ts'

/** A key that somebody made meanwhile is used after so long. */
const LOOK_EVERY_MS = 10_000
const DAY_MS = 86_400_000

/** The keys of this host, in `keys` of the agent's folder. */
export class AgentKeys implements Disposable {
  readonly ring: Keyring
  readonly #looking: NodeJS.Timeout

  /**
   * Opens them, and takes over a key that an older Vedette kept in the clear.
   *
   * @throws {CodedError} those of `Keyring.open`
   */
  constructor({ home, masterKey, config }: AgentSettings, clock: Clock, log: Logger) {
    const { rotate_days: days } = parseConfig(encryptionConfigSchema, config.encryption ?? {}, 'encryption')
    this.ring = Keyring.open({ folder: join(home, 'keys'), master: masterKeySource(home, masterKey), clock })
    const plain = join(home, 'spool-key')
    const secret = readKeyFile(plain)
    if (secret !== undefined) {
      this.ring.adopt('spool', secret)
      secret.fill(0)
      // It lay there for anybody's copy of the disk: what comes from now on has another one.
      this.ring.rotate()
      rmSync(plain)
      log.info({}, 'the key of the spool is wrapped by the master key now')
    }
    const look = () => {
      try {
        this.ring.refresh()
        if (days > 0 && this.ring.rotate(days * DAY_MS) > 0) log.info({}, 'new data keys are in use')
      } catch (error) {
        log.warn({ error }, 'the keys could not be looked at; those that are known go on')
      }
    }
    look()
    this.#looking = setInterval(look, LOOK_EVERY_MS)
    this.#looking.unref()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking)
  }
}
