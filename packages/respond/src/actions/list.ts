import type { Action } from '../action.ts'
import { freeze } from './freeze/index.ts'
import { kill } from './kill/index.ts'

/** Every action. A new one is a folder and a line here. */
export const actions: readonly Action[] = [freeze, kill]
