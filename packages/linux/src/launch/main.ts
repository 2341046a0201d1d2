import { launch } from './launch.ts'
import { LAUNCH_FAILED } from './spec.ts'

/** The launcher: `node main.ts <specification> -- <command> [arguments]`. Started by what `launchCommand` returns. */
try {
  launch(process.argv.slice(2))
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`Cannot launch the program: ${message}\n`)
  process.exit(LAUNCH_FAILED)
}
