import type { CommandDefinition } from '../command.ts'
import { up } from './up/index.ts'

/** Every command, in the order of `vedette --help`. */
export const commands: readonly CommandDefinition[] = [up]
