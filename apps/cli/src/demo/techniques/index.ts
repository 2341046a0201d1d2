import type { Technique } from '../technique.ts'
import { cronFile } from './cron-file.ts'
import { memoryProgram } from './memory-program.ts'
import { pipedDownload } from './piped-download.ts'
import { shadowRead } from './shadow-read.ts'
import { socketShell } from './socket-shell.ts'

/** In the order in which the demo does them. */
export const techniques: readonly Technique[] = [
  socketShell,
  pipedDownload,
  memoryProgram,
  shadowRead,
  cronFile,
]
