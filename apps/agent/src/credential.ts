import type { Clock, Logger } from '@vedette/base'
import { Secret } from '@vedette/base'
import type { ClientOptions } from 'ws'
import { machineId, readIdentity, tlsOptions } from './identity.ts'
import { Renewal } from './renewal.ts'
import type { AgentSettings } from './settings.ts'

/** How the agent shows who it is. */
export interface Credential extends Disposable {
  /** For a line that is opened now. */
  current(): ClientOptions
  /** The server does not take it: it may have to be another one by now. */
  refused(): void
}

/**
 * Takes what the settings say; a certificate is renewed from then on.
 *
 * @param options `onRenewed` is told when lines should be opened anew
 * @throws {CodedError} `not-enrolled`, `identity-refused`
 */
export function openCredential(
  { credential }: Pick<AgentSettings, 'credential'>,
  options: { readonly clock: Clock; readonly log: Logger; readonly onRenewed: () => void },
): Credential {
  if (typeof credential === 'string') {
    const secret = new Secret(credential)
    return {
      refused: () => undefined,
      current: () => ({ headers: { authorization: `Bearer ${secret.reveal()}` } }),
      [Symbol.dispose]: () => undefined,
    }
  }
  let identity = readIdentity(credential.identityFile)
  const renewal = new Renewal(identity, {
    file: credential.identityFile,
    clock: options.clock,
    log: options.log.child({ part: 'renewal' }),
    onRenewed(next) {
      identity = next
      options.onRenewed()
    },
  })
  const machine = machineId()
  return {
    // The type that comes with ws says boolean of the check of the server; what it is handed to takes an error or nothing.
    current: () => ({
      ...(tlsOptions(identity) as object),
      headers: { 'x-vedette-machine': machine },
    }),
    refused: () => renewal.soon(),
    [Symbol.dispose]: () => renewal[Symbol.dispose](),
  }
}
