import { type Endpoint, readEndpoint } from '../connection.ts'
import type { HomePaths } from '../home.ts'

/** The instance that runs in a home; undefined when it has not said yet where it is. */
export function readRunning(paths: HomePaths): Endpoint | undefined {
  try {
    return readEndpoint(paths)
  } catch {
    return undefined
  }
}
